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
    /// <exception cref="InputException">The folder holds another run's result.</exception>
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
        return finished.Fingerprint == fingerprint
            ? finished.Result
            : throw new InputException($"{Result}: the folder holds the result of a run with other options, data or architecture; choose another folder.");
    }

    /// <summary>
    /// (1) The checkpoint is written aside and (2) renamed; (3) result.json says that the run is finished; (4) the state, now of no use, is deleted.
    /// A crash between them leaves the state, and the end of the run is done again.
    /// </summary>
    public void WriteResult(GptNeo model, ByteLevelTokenizer tokenizer, TrainingResult result, string fingerprint)
    {
        var aside = Checkpoint + ".tmp";
        if (System.IO.Directory.Exists(aside)) System.IO.Directory.Delete(aside, recursive: true);
        ModelCheckpoint.Save(model, aside, tokenizer);
        if (System.IO.Directory.Exists(Checkpoint)) System.IO.Directory.Delete(Checkpoint, recursive: true);
        System.IO.Directory.Move(aside, Checkpoint);
        DurableFile.Write(Result, JsonSerializer.SerializeToUtf8Bytes(new FinishedRun(fingerprint, result), Options));
        States.Delete();
    }

    private sealed record FinishedRun(string Fingerprint, TrainingResult Result);
}
