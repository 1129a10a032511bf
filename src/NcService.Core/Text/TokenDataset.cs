namespace NcService.Core.Text;

/// <summary>A prepared dataset: token chunks to train on and to validate on, and the tokenizer that made them.</summary>
public sealed class TokenDataset : IDisposable
{
    private readonly Lazy<ByteLevelTokenizer> tokenizer;

    private TokenDataset(string directory, DatasetManifest manifest, TokenSplit train, TokenSplit validation)
    {
        (Manifest, Train, Validation) = (manifest, train, validation);
        tokenizer = new Lazy<ByteLevelTokenizer>(() => ByteLevelTokenizer.Load(Path.Combine(directory, DatasetFiles.Tokenizer)));
    }

    /// <summary>What the dataset is.</summary>
    public DatasetManifest Manifest { get; }

    /// <summary>The training chunks.</summary>
    public TokenSplit Train { get; }

    /// <summary>The validation chunks; no document is in both.</summary>
    public TokenSplit Validation { get; }

    /// <summary>The tokenizer, loaded at first use.</summary>
    /// <exception cref="InputException">Its files are missing or damaged.</exception>
    public ByteLevelTokenizer Tokenizer => tokenizer.Value;

    /// <summary>Opens a directory that <see cref="DatasetPreparation"/> wrote, checking format and sizes.</summary>
    /// <exception cref="InputException">A file is missing, damaged, or of another format version.</exception>
    public static TokenDataset Open(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory)) throw new InputException($"There is no dataset folder '{directory}'.");
        var manifest = DatasetFiles.ReadManifest(directory);
        var train = new TokenSplit(Path.Combine(directory, DatasetFiles.Train), manifest, manifest.TrainChunks);
        try
        {
            var validation = new TokenSplit(Path.Combine(directory, DatasetFiles.Validation), manifest, manifest.ValidationChunks);
            return new TokenDataset(directory, manifest, train, validation);
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    /// <summary>Unmaps the files.</summary>
    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
    }
}
