namespace NcService.Core.Text;

/// <summary>From text to a directory of token chunks: split by document, train or load the tokenizer, tokenise, pack.</summary>
public static class DatasetPreparation
{
    // Documents are tokenised in parallel in batches of about this much text, and written in their order.
    private const int BatchCharacters = 2 << 20;

    // Batches between two marks from which an interrupted preparation goes on: some seconds of work.
    private const int BatchesPerMark = 16;

    /// <summary>
    /// Prepares a dataset. The directory appears complete or not at all: it is written aside, made durable and renamed. Where it already holds
    /// a sound dataset of the same specification, that one's manifest is returned and nothing is done. A preparation that was cancelled or killed goes on
    /// where it was when it is asked for again, and gives the same bytes. Memory does not grow with the text, but for some bytes a document.
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

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(directory))!);
        using var folder = new PreparationFolder(specification, directory);
        try
        {
            var mark = folder.Mark ?? folder.Begin(SplitDocuments.CountAll(specification, progress, cancellationToken));
            var documents = SplitDocuments.Of(specification, mark.Counts);
            var tokenizer = MakeTokenizer(specification.Tokenizer, documents, folder, progress, cancellationToken);
            var manifest = WriteSplits(specification, documents, tokenizer, folder, progress, cancellationToken);
            DatasetFiles.WriteManifest(manifest, folder.Path);
            folder.Publish(directory); // In place of an empty folder at most: FindExisting made sure.
            return manifest;
        }
        catch (InputException)
        {
            folder.Delete();
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
        TokenizerSpecification specification, SplitDocuments documents, PreparationFolder folder, IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        var place = folder.At(DatasetFiles.Tokenizer);
        if (folder.Mark!.HasTokenizer) return ByteLevelTokenizer.Load(place);
        progress?.Report(new DatasetProgress("train-tokenizer", Fraction: null, documents.TrainCount, Tokens: 0));
        var tokenizer = specification.Kind == TokenizerKind.Gpt2
            ? ByteLevelTokenizer.LoadGpt2()
            : TokenizerTrainer.Train(documents.ReadTrain(cancellationToken), specification.VocabularySize, cancellationToken);
        var aside = place + ".new";
        if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        tokenizer.Save(aside);
        DurableFile.Publish(aside, place);
        folder.Save(folder.Mark with { HasTokenizer = true });
        return tokenizer;
    }

    private static DatasetManifest WriteSplits(
        DatasetSpecification specification, SplitDocuments documents, ByteLevelTokenizer tokenizer, PreparationFolder folder,
        IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        var bytesPerToken = TokenFileWriter.BytesPerToken(tokenizer.VocabularySize);
        var mark = folder.Mark!;
        using var trainFile = new TokenFileWriter(folder.At(DatasetFiles.Train), bytesPerToken, (mark.Train?.Chunks ?? 0) * (long)specification.ContextLength);
        using var validationFile = new TokenFileWriter(folder.At(DatasetFiles.Validation), bytesPerToken, (mark.Validation?.Chunks ?? 0) * (long)specification.ContextLength);
        var train = new ChunkPacker(trainFile, specification, tokenizer.EndOfTextId, documents.TrainCount, mark.Train);
        var validation = new ChunkPacker(validationFile, specification, tokenizer.EndOfTextId, documents.ValidationCount, mark.Validation);

        var (done, batches) = (mark.Documents, 0);
        foreach (var batch in Batches(documents.ReadAll(cancellationToken).Skip(checked((int)done))))
        {
            foreach (var (validates, ids) in Encode(batch, tokenizer, cancellationToken)) (validates ? validation : train).Add(ids);
            done += batch.Count;
            if (++batches % BatchesPerMark == 0)
            {
                trainFile.Flush();
                validationFile.Flush();
                folder.Save(mark with { Documents = done, Train = train.State, Validation = validation.State });
            }
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
