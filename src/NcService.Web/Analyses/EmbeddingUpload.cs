using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using NcService.Core;
using NcService.Platform.Analyses;
using NcService.Platform.Artifacts;
using NcService.Web.Hosting;

namespace NcService.Web.Analyses;

/// <summary>Writes the parts of a multipart request to files as they come in, without holding them in memory.</summary>
internal sealed class EmbeddingUpload(ArtifactStore artifacts)
{
    private const int MaximumBoundaryLength = 100;

    /// <summary>Reads the parts into a new folder and returns its path, relative to the artifact root. Where anything is wrong nothing stays.</summary>
    /// <exception cref="InputException">The body is no multipart/form-data, or a part is unknown or comes twice.</exception>
    public async Task<string> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = new MultipartReader(BoundaryOf(request), request.Body);
        var relative = $"uploads/{Guid.NewGuid():N}";
        var folder = artifacts.CreateFolder(relative);
        try
        {
            while (await MultipartParts.NextAsync(reader, cancellationToken) is { } section) await WriteAsync(section, folder, cancellationToken);
            return File.Exists(Path.Combine(folder, "features")) ? relative : throw new InputException($"The part 'features' is missing. {Known}");
        }
        catch
        {
            Discard(relative);
            throw;
        }
    }

    /// <summary>Names and SHA-256 of the parts of an upload, in the order of their names.</summary>
    public async Task<IReadOnlyList<string>> DigestsAsync(string relative, CancellationToken cancellationToken)
    {
        var digests = new List<string>();
        foreach (var path in Directory.GetFiles(PathOf(relative)).Order(StringComparer.Ordinal))
        {
            await using var file = File.OpenRead(path);
            digests.Add($"{Path.GetFileName(path)} {Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken))}");
        }
        return digests;
    }

    /// <summary>The absolute path of an upload.</summary>
    public string PathOf(string relative) => artifacts.Resolve(relative);

    /// <summary>Takes an upload away that no job will read.</summary>
    public void Discard(string relative) => Directory.Delete(artifacts.Resolve(relative), recursive: true);

    private static string Known => $"The parts are files by the names {string.Join(", ", EmbeddingMeasurement.Parts)}.";

    private static string BoundaryOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new BadHttpRequestException("multipart/form-data is needed", StatusCodes.Status415UnsupportedMediaType);
        return MultipartParts.BoundaryOf(type, MaximumBoundaryLength);
    }

    private static async Task WriteAsync(MultipartSection section, string folder, CancellationToken cancellationToken)
    {
        var name = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) ? HeaderUtilities.RemoveQuotes(disposition.Name).Value : null;
        // Only names of a closed list become paths.
        if (name is null || !EmbeddingMeasurement.Parts.Contains(name)) throw new InputException($"A part is unknown. {Known}");
        var path = Path.Combine(folder, name);
        if (File.Exists(path)) throw new InputException($"The part '{name}' comes twice.");
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
        try
        {
            await section.Body.CopyToAsync(file, cancellationToken);
        }
        catch (Exception fault) when (MultipartParts.IsCut(fault))
        {
            throw new InputException($"The body ends within the part '{name}'.", fault);
        }
    }
}
