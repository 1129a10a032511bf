using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using NcService.Core.Models;
using NcService.Core.Text;

namespace NcService.Core.Training;

/// <summary>The files of a training folder.</summary>
internal sealed class TrainingFiles(string directory)
{
    public string Directory { get; } = directory;

    public string Checkpoint => Path.Combine(Directory, "checkpoint");

    public string Metrics => Path.Combine(Directory, "metrics.jsonl");

    public TrainingStateStore States { get; } = new(Path.Combine(directory, "state"));

    // A perplexity may be infinite.
    private static readonly JsonSerializerOptions Options = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private string Result => Path.Combine(Directory, "result.json");

    /// <summary>The result of a finished run of the same fingerprint.</summary>
    /// <exception cref="InputException">The folder holds another run's result, or the checkpoint is damaged.</exception>
    public TrainingResult? ReadResult(string fingerprint)
    {
        if (!File.Exists(Result)) return null;
        FinishedRun finished;
        try
        {
            finished = JsonSerializer.Deserialize<FinishedRun>(File.ReadAllBytes(Result), Options)!;
        }
        catch (JsonException exception)
        {
            throw new InputException($"{Result}: not a training result: {exception.Message}", exception);
        }
        if (finished.Fingerprint != fingerprint)
            throw new InputException($"{Result}: the folder holds the result of a run with other options, data or architecture; choose another folder.");
        var weights = Path.Combine(Checkpoint, ModelCheckpoint.WeightsFile);
        return File.Exists(weights) && DurableFile.Hash(weights) == finished.WeightsHash
            ? finished.Result
            : throw new InputException($"{weights}: the checkpoint of the finished run is damaged (its SHA-256 is not what {Result} says); delete the folder to train anew.");
    }

    /// <summary>
    /// (1) The checkpoint is written aside and (2) renamed; (3) result.json says that the run is finished; (4) the states, now of no use, are deleted.
    /// A crash between them leaves the states, and the end of the run is done again.
    /// </summary>
    public void WriteResult(GptNeo model, ByteLevelTokenizer tokenizer, TrainingResult result, string fingerprint)
    {
        WriteModel(model, tokenizer, Checkpoint);
        var weights = DurableFile.Hash(Path.Combine(Checkpoint, ModelCheckpoint.WeightsFile));
        DurableFile.Write(Result, JsonSerializer.SerializeToUtf8Bytes(new FinishedRun(fingerprint, result, weights), Options));
        States.Delete();
    }

    /// <summary>Writes a model that is kept while the run goes on.</summary>
    public void KeepModel(GptNeo model, ByteLevelTokenizer tokenizer, long step) =>
        WriteModel(model, tokenizer, Path.Combine(Directory, "checkpoints", string.Create(CultureInfo.InvariantCulture, $"step-{step}")));

    private static void WriteModel(GptNeo model, ByteLevelTokenizer tokenizer, string path)
    {
        DurableFile.SweepAsides(path);
        var aside = DurableFile.NameAside(path);
        ModelCheckpoint.Save(model, aside, tokenizer);
        DurableFile.Publish(aside, path);
    }

    private sealed record FinishedRun(string Fingerprint, TrainingResult Result, string WeightsHash);
}
