using System.Globalization;
using System.Text.Json;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>
/// The resumable states of a run: tensors in state-STEP.safetensors, the rest, with the tensors' SHA-256, in state-STEP.json, which is renamed into place last.
/// A crash leaves the old states or the new one beside them: (1) the tensors' file is flushed aside and renamed, (2) its index is flushed aside,
/// (3) renamed, (4) only then what is older than the states to keep is deleted.
/// </summary>
internal sealed class TrainingStateStore(string directory)
{
    private const string Prefix = "state-", IndexExtension = ".json", TensorExtension = ".safetensors";

    /// <summary>The path of the newest state's index, where one is there.</summary>
    public string? Newest => Indexes().FirstOrDefault();

    /// <summary>Saves a state, and deletes all but the newest <paramref name="kept"/>.</summary>
    public void Save(TrainingState state, GptNeo model, AdamW optimizer, int kept)
    {
        Directory.CreateDirectory(directory);
        foreach (var left in Directory.EnumerateFiles(directory, "." + Prefix + "*").ToList()) File.Delete(left);
        var path = PathOf(state.Step, TensorExtension);
        // Aside, because a run that goes on may save the step again that it began at.
        var aside = DurableFile.NameAside(path);
        SafeTensors.Write(aside, Tensors(model, optimizer), new Dictionary<string, string> { ["fingerprint"] = state.Fingerprint });
        var index = state with { Hash = DurableFile.Hash(aside) };
        DurableFile.Publish(aside, path);
        DurableFile.Write(PathOf(state.Step, IndexExtension), JsonSerializer.SerializeToUtf8Bytes(index));
        // An index goes before its tensors: what has an index is whole.
        var stays = Indexes().Take(kept).Select(Path.GetFileNameWithoutExtension).ToHashSet(StringComparer.Ordinal);
        foreach (var old in Indexes().Skip(kept).Concat(Directory.EnumerateFiles(directory, Prefix + "*" + TensorExtension)).ToList())
        {
            if (!stays.Contains(Path.GetFileNameWithoutExtension(old))) File.Delete(old);
        }
    }

    /// <summary>Loads the newest sound state into a model and its optimiser; null where there is none at all.</summary>
    /// <exception cref="InputException">The state belongs to a run with other options, data or architecture, or every state is damaged.</exception>
    public TrainingState? Load(string fingerprint, GptNeo model, AdamW optimizer)
    {
        InputException? damage = null;
        foreach (var index in Indexes())
        {
            try
            {
                var state = ReadIndex(index);
                if (state.Fingerprint == fingerprint)
                {
                    LoadTensors(Path.ChangeExtension(index, TensorExtension), state.Hash, model, optimizer);
                    return state;
                }
            }
            catch (InputException exception)
            {
                // An older state gives the same run, only later.
                damage ??= exception;
                continue;
            }
            throw new InputException(
                $"{index}: the state belongs to a run with other options, data or architecture; choose another folder, or delete this one to start anew.");
        }
        return damage is null ? null : throw damage;
    }

    /// <summary>Removes the states of a run that is finished.</summary>
    public void Delete()
    {
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    private string PathOf(long step, string extension) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step}{extension}"));

    private IEnumerable<string> Indexes() => !Directory.Exists(directory)
        ? []
        : Directory.EnumerateFiles(directory, Prefix + "*" + IndexExtension).OrderByDescending(StepOf);

    private static long StepOf(string path) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path.AsSpan())[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;

    private static TrainingState ReadIndex(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(path))!;
        }
        catch (JsonException exception)
        {
            throw new InputException($"{path}: not a saved state: {exception.Message}", exception);
        }
    }

    private void LoadTensors(string path, string hash, GptNeo model, AdamW optimizer)
    {
        if (!File.Exists(path) || DurableFile.Hash(path) != hash)
            throw new InputException($"{path}: the saved state is damaged (its SHA-256 is not what its index says); delete the folder {directory} to start anew.");
        using var content = SafeTensors.Read(path);
        using var noGrad = no_grad();
        foreach (var (name, tensor) in Tensors(model, optimizer))
        {
            if (!content.Tensors.TryGetValue(name, out var saved) || !saved.shape.SequenceEqual(tensor.shape))
                throw new InputException($"{path}: tensor '{name}' of shape [{string.Join(", ", tensor.shape)}] is not there.");
            tensor.copy_(saved);
        }
    }

    private static KeyValuePair<string, Tensor>[] Tensors(GptNeo model, AdamW optimizer) =>
        [new("parameters", model.FlatParameters), new("first_moment", optimizer.FirstMoment), new("second_moment", optimizer.SecondMoment)];
}
