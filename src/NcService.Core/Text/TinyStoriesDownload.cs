namespace NcService.Core.Text;

/// <summary>Where the text files of TinyStories are downloaded from.</summary>
/// <param name="Train">The training stories.</param>
/// <param name="Validation">The validation stories.</param>
/// <param name="TrainSha256">The SHA-256 of the training file, or null to take any.</param>
/// <param name="ValidationSha256">The SHA-256 of the validation file, or null to take any.</param>
public sealed record TinyStoriesSource(Uri Train, Uri Validation, string? TrainSha256 = null, string? ValidationSha256 = null)
{
    /// <summary>The V1 files as the authors publish them (Eldan and Li, arXiv 2305.07759; licence CDLA-Sharing-1.0).</summary>
    public static TinyStoriesSource Published { get; } = new(
        new Uri("https://huggingface.co/datasets/roneneldan/TinyStories/resolve/main/TinyStories-train.txt"),
        new Uri("https://huggingface.co/datasets/roneneldan/TinyStories/resolve/main/TinyStories-valid.txt"));

    /// <summary>The hosts that <see cref="Published"/> needs, those it redirects to included.</summary>
    public static IReadOnlyList<string> PublishedHosts { get; } = ["huggingface.co", "*.huggingface.co", "*.hf.co"];
}

/// <summary>Brings TinyStories to this machine.</summary>
public static class TinyStoriesDownload
{
    /// <summary>Downloads what is missing of both files into a folder and gives the specification that reads them.</summary>
    /// <exception cref="InputException">An address is not allowed, or a file has another SHA-256.</exception>
    /// <exception cref="IOException">The connection failed again and again; what arrived stays for a later call.</exception>
    public static async Task<CorpusSpecification> FetchAsync(
        FileDownload download, TinyStoriesSource source, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(download);
        ArgumentNullException.ThrowIfNull(source);
        // The smaller first: a wrong address or a full disk shows at once.
        var validation = await download.FetchAsync(source.Validation, Path.Combine(folder, "TinyStories-valid.txt"), source.ValidationSha256, progress, cancellationToken);
        var train = await download.FetchAsync(source.Train, Path.Combine(folder, "TinyStories-train.txt"), source.TrainSha256, progress, cancellationToken);
        return new CorpusSpecification { Kind = CorpusKind.TinyStories, Path = train.Path, ValidationPath = validation.Path };
    }
}
