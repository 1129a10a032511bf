using System.Text.Json;
using NcService.Core;
using NcService.Core.Models;
using NcService.Platform.Checkpoints;

namespace NcService.Cli.Remote;

/// <summary>A checkpoint that is to be sent to a server: a folder here, or one on the web that is fetched first (by this program: a server never asks addresses that a request names).</summary>
internal sealed class CheckpointSource : IDisposable
{
    /// <summary>What is fetched unless it is told otherwise, as much as a server takes unless that is told.</summary>
    public const long MaximumBytes = 16L << 30;

    // Far more than any has.
    private const long ConfigurationBytes = 1 << 20;
    private const long TokenizerBytes = 64 << 20;
    private static readonly string[] s_optional = ["vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json"];
    private readonly DirectoryInfo? _fetched;

    private CheckpointSource(string folder, DirectoryInfo? fetched) => (Folder, _fetched) = (folder, fetched);

    /// <summary>Where its files are.</summary>
    public string Folder { get; }

    /// <summary>Finds a folder, or fetches the files below an http(s) address.</summary>
    /// <exception cref="InputException">It holds no GPT-Neo checkpoint, or cannot be read.</exception>
    public static async Task<CheckpointSource> OpenAsync(string place, long maximumBytes, Action<string> report, CancellationToken ct)
    {
        if (!place.Contains("://", StringComparison.Ordinal) || !Uri.TryCreate(place, UriKind.Absolute, out var address))
        {
            if (!Directory.Exists(place)) throw new InputException($"--checkpoint {place}: there is no such folder, and it is no http(s) address");
            _ = CheckpointFiles.ReadArchitecture(place);
            return new CheckpointSource(Path.GetFullPath(place), null);
        }
        using var fetch = new CheckpointFetch(address, maximumBytes);
        var fetched = Directory.CreateTempSubdirectory("ncctl-checkpoint-");
        var source = new CheckpointSource(fetched.FullName, fetched);
        try
        {
            await source.FetchAsync(fetch, report, ct);
            _ = CheckpointFiles.ReadArchitecture(source.Folder);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>The files as the parts of one request, read while they are sent.</summary>
    public MultipartFormDataContent ToContent()
    {
        var content = new MultipartFormDataContent();
        foreach (var file in CheckpointFiles.Find(Folder)) content.Add(new StreamContent(File.OpenRead(file), 1 << 17), "file", Path.GetFileName(file));
        return content;
    }

    public void Dispose() => _fetched?.Delete(recursive: true);

    private async Task FetchAsync(CheckpointFetch fetch, Action<string> report, CancellationToken ct)
    {
        await RequireAsync(ModelCheckpoint.ConfigurationFile, ConfigurationBytes);
        if (!await TryAsync(ModelCheckpoint.WeightsFile, null))
        {
            await RequireAsync(ModelCheckpoint.IndexFile, TokenizerBytes);
            foreach (var shard in ShardsOf(Path.Combine(Folder, ModelCheckpoint.IndexFile))) await RequireAsync(shard, null);
        }
        foreach (var name in s_optional) await TryAsync(name, TokenizerBytes);

        Task<bool> TryAsync(string name, long? largest)
        {
            report($"fetching {name}");
            return fetch.TryFetchAsync(name, Path.Combine(Folder, name), largest, ct);
        }

        async Task RequireAsync(string name, long? largest)
        {
            if (!await TryAsync(name, largest)) throw new InputException($"there is no {name} at {fetch.Address}");
        }
    }

    private static List<string> ShardsOf(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(index));
            var names = document.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString() ?? "").Distinct().ToList();
            if (names.Count > CheckpointFiles.MaximumFiles) throw new InputException($"{ModelCheckpoint.IndexFile} names {names.Count} files of weights; at most {CheckpointFiles.MaximumFiles} are possible");
            return names.Find(name => !CheckpointFiles.IsKnown(name)) is { } strange ? throw new InputException($"{ModelCheckpoint.IndexFile} names '{strange}', which is no file of weights") : names;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InputException($"{ModelCheckpoint.IndexFile} is no index of weights: {fault.Message}", fault);
        }
    }
}
