namespace NcService.Core.Text;

/// <summary>From text to a directory of token chunks: split by document, train or load the tokenizer, tokenise, pack.</summary>
public static class DatasetPreparation
{
    // Documents are tokenised in parallel in batches of about this much text, and written in their order.
    private const int BatchCharacters = 2 << 20;

    /// <summary>
    /// Prepares a dataset. The directory appears complete or not at all: it is written aside, made durable and renamed. Where it already holds
    /// a sound dataset of the same specification, that one's manifest is returned and nothing is done.
    /// </summary>
    /// <exception cref="InputException">The specification is out of range, the text is missing, damaged or too short, or the directory holds something else.</exception>
    public static Task<DatasetManifest> PrepareAsync(
        DatasetSpecification specification, string directory, IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return Task.Run(() => Prepare(specification, directory, progress, cancellationToken), cancellationToken);
    }

    private static DatasetManifest Prepare(
        DatasetSpecification specification, string directory, IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        specification.Validate();
        if (FindExisting(specification, directory) is { } existing) return existing;

        var documents = SplitDocuments.Read(specification, progress, cancellationToken);
        var aside = DurableDirectory.NameAside(directory);
        Directory.CreateDirectory(aside);
        try
        {
            var tokenizer = MakeTokenizer(specification.Tokenizer, documents, progress, cancellationToken);
            tokenizer.Save(Path.Combine(aside, DatasetFiles.Tokenizer));
            var manifest = WriteSplits(specification, documents, tokenizer, aside, progress, cancellationToken);
            DatasetFiles.WriteManifest(manifest, aside);
            if (Directory.Exists(directory)) Directory.Delete(directory); // Empty: FindExisting made sure.
            DurableDirectory.Publish(aside, directory);
            return manifest;
        }
        catch
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
            throw;
        }
    }

    private static DatasetManifest? FindExisting(DatasetSpecification specification, string directory)
    {
        if (File.Exists(directory)) throw new InputException($"'{directory}' is a file; a dataset needs a folder of its own.");
        if (!Directory.Exists(directory) || !Directory.EnumerateFileSystemEntries(directory).Any()) return null;
        using var dataset = TokenDataset.Open(directory);
        return dataset.Manifest.Specification == specification
            ? dataset.Manifest
            : throw new InputException($"'{directory}' holds a dataset of another specification; choose another folder.");
    }

    private static ByteLevelTokenizer MakeTokenizer(
        TokenizerSpecification specification, SplitDocuments documents, IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        if (specification.Kind == TokenizerKind.Gpt2) return ByteLevelTokenizer.LoadGpt2();
        progress?.Report(new DatasetProgress("train-tokenizer", Fraction: null, documents.TrainCount, Tokens: 0));
        return TokenizerTrainer.Train(documents.ReadTrain(cancellationToken), specification.VocabularySize, cancellationToken);
    }

    private static DatasetManifest WriteSplits(
        DatasetSpecification specification, SplitDocuments documents, ByteLevelTokenizer tokenizer, string folder,
        IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        var bytesPerToken = TokenFileWriter.BytesPerToken(tokenizer.VocabularySize);
        using var trainFile = new TokenFileWriter(Path.Combine(folder, DatasetFiles.Train), bytesPerToken);
        using var validationFile = new TokenFileWriter(Path.Combine(folder, DatasetFiles.Validation), bytesPerToken);
        var train = new ChunkPacker(trainFile, specification, tokenizer.EndOfTextId, documents.TrainCount);
        var validation = new ChunkPacker(validationFile, specification, tokenizer.EndOfTextId, documents.ValidationCount);

        var done = 0L;
        foreach (var batch in Batches(documents.ReadAll(cancellationToken)))
        {
            foreach (var (validates, ids) in Encode(batch, tokenizer, cancellationToken)) (validates ? validation : train).Add(ids);
            done += batch.Count;
            var tokens = (train.Chunks + (long)validation.Chunks) * specification.ContextLength;
            progress?.Report(new DatasetProgress("tokenise", (double)done / documents.Count, done, tokens));
        }
        CheckChunks("training", train, documents.TrainCount, specification);
        CheckChunks("validation", validation, documents.ValidationCount, specification);
        var (trainHash, validationHash) = (trainFile.Finish(), validationFile.Finish());
        return new DatasetManifest
        {
            FormatVersion = DatasetManifest.CurrentFormatVersion,
            Specification = specification,
            VocabularySize = tokenizer.VocabularySize,
            ContextLength = specification.ContextLength,
            Packing = specification.EffectivePacking,
            BytesPerToken = bytesPerToken,
            TrainChunks = train.Chunks,
            ValidationChunks = validation.Chunks,
            TrainTokens = (long)train.Chunks * specification.ContextLength,
            ValidationTokens = (long)validation.Chunks * specification.ContextLength,
            DroppedTokens = train.DroppedTokens + validation.DroppedTokens,
            DocumentCount = documents.Count,
            TrainDocuments = documents.TrainCount,
            ValidationDocuments = documents.ValidationCount,
            TrainHash = trainHash,
            ValidationHash = validationHash,
            Hash = DatasetFiles.ContentHash(specification.ContextLength, tokenizer.VocabularySize, trainHash, validationHash),
        };
    }

    private static IEnumerable<List<(bool Validates, string Text)>> Batches(IEnumerable<(bool Validates, string Text)> documents)
    {
        var batch = new List<(bool, string)>();
        var characters = 0;
        foreach (var document in documents)
        {
            batch.Add(document);
            characters += document.Text.Length;
            if (characters < BatchCharacters) continue;
            yield return batch;
            (batch, characters) = ([], 0);
        }
        if (batch.Count > 0) yield return batch;
    }

    private static (bool Validates, int[] Ids)[] Encode(List<(bool Validates, string Text)> batch, ByteLevelTokenizer tokenizer, CancellationToken cancellationToken)
    {
        var encoded = new (bool, int[])[batch.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, batch.Count, options, i => encoded[i] = (batch[i].Validates, tokenizer.Encode(batch[i].Text)));
        return encoded;
    }

    private static void CheckChunks(string split, ChunkPacker packer, long documentCount, DatasetSpecification specification)
    {
        if (packer.Chunks > 0) return;
        throw new InputException(
            $"The {split} text is too short: its {documentCount} documents give {packer.DroppedTokens} tokens, which fill no chunk of {specification.ContextLength}. "
            + "Give more text, a smaller ContextLength or another ValidationFraction.");
    }
}
