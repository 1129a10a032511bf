using System.Text.Json;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>What a run needs, beside the tensors, to go on exactly where it was.</summary>
internal sealed record TrainingState
{
    /// <summary>Steps done; with the options it fixes data position and learning rate.</summary>
    public required long Step { get; init; }

    public required long Tokens { get; init; }

    public required double Seconds { get; init; }

    public required double InitialValidationLoss { get; init; }

    /// <summary>Sum and number of the step losses that no log line has told yet.</summary>
    public required double PendingLoss { get; init; }

    public required int PendingSteps { get; init; }

    /// <summary>The last step's learning rate and gradient norm, for the last log line of a run whose final validation was cancelled.</summary>
    public double LastLearningRate { get; init; }

    public double LastGradientNorm { get; init; }

    /// <summary>Of everything the result depends on; another run's state is refused.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The tensors' file beside this one, and its SHA-256.</summary>
    public string File { get; init; } = "";

    public string Hash { get; init; } = "";
}

/// <summary>
/// The resumable state of a run: tensors in state-STEP.safetensors, the rest in state.json, which is renamed into place last.
/// A crash leaves the old state or the new one: (1) the tensors' file is flushed under its own name, (2) state.json is flushed aside,
/// (3) renamed, (4) only then older tensors are deleted.
/// </summary>
internal sealed class TrainingStateStore(string directory)
{
    private const string IndexName = "state.json";

    /// <summary>The path of the state's index, where one is there.</summary>
    public string? Existing => File.Exists(IndexPath) ? IndexPath : null;

    private string IndexPath => Path.Combine(directory, IndexName);

    /// <summary>Saves a state in place of the one before.</summary>
    public void Save(TrainingState state, GptNeo model, AdamW optimizer)
    {
        Directory.CreateDirectory(directory);
        var name = $"state-{state.Step}.safetensors";
        var path = Path.Combine(directory, name);
        SafeTensors.Write(path, Tensors(model, optimizer), new Dictionary<string, string> { ["fingerprint"] = state.Fingerprint });
        var index = state with { File = name, Hash = DurableFile.Hash(path) };
        DurableFile.Write(IndexPath, JsonSerializer.SerializeToUtf8Bytes(index));
        foreach (var old in Directory.EnumerateFiles(directory, "state-*.safetensors"))
        {
            if (Path.GetFileName(old) != name) File.Delete(old);
        }
    }

    /// <summary>Loads the state into a model and its optimiser; null where there is none.</summary>
    /// <exception cref="InputException">The state is damaged, or belongs to a run with other options, data or architecture.</exception>
    public TrainingState? Load(string fingerprint, GptNeo model, AdamW optimizer)
    {
        if (Existing is null) return null;
        var state = ReadIndex();
        var path = Path.Combine(directory, Path.GetFileName(state.File));
        if (state.Fingerprint != fingerprint)
            throw new InputException($"{IndexPath}: the state belongs to a run with other options, data or architecture; choose another folder, or delete this one to start anew.");
        if (!File.Exists(path) || DurableFile.Hash(path) != state.Hash)
            throw new InputException($"{path}: the saved state is damaged (its SHA-256 is not what {IndexName} says); delete the folder {directory} to start anew.");
        using var content = SafeTensors.Read(path);
        using var noGrad = no_grad();
        foreach (var (name, tensor) in Tensors(model, optimizer))
        {
            if (!content.Tensors.TryGetValue(name, out var saved) || !saved.shape.SequenceEqual(tensor.shape))
                throw new InputException($"{path}: tensor '{name}' of shape [{string.Join(", ", tensor.shape)}] is not there.");
            tensor.copy_(saved);
        }
        return state;
    }

    /// <summary>Removes the state of a run that is finished.</summary>
    public void Delete()
    {
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    private TrainingState ReadIndex()
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(IndexPath))!;
        }
        catch (JsonException exception)
        {
            throw new InputException($"{IndexPath}: not a saved state: {exception.Message}", exception);
        }
    }

    private static KeyValuePair<string, Tensor>[] Tensors(GptNeo model, AdamW optimizer) =>
        [new("parameters", model.FlatParameters), new("first_moment", optimizer.FirstMoment), new("second_moment", optimizer.SecondMoment)];
}
