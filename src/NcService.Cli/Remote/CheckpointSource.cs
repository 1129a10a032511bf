using System.Net;
using System.Text.Json;
using NcService.Core;
using NcService.Core.Models;
using NcService.Platform.Checkpoints;

namespace NcService.Cli.Remote;

/// <summary>A checkpoint that is to be sent to a server: a folder here, or one on the web that is fetched first (by this program: a server never asks addresses that a request names).</summary>
internal sealed class CheckpointSource : IDisposable
{
    private static readonly string[] s_optional = ["vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json"];
    private readonly DirectoryInfo? _fetched;

    private CheckpointSource(string folder, DirectoryInfo? fetched) => (Folder, _fetched) = (folder, fetched);

    /// <summary>Where its files are.</summary>
    public string Folder { get; }

    /// <summary>Finds a folder, or fetches the files below an http(s) address.</summary>
    /// <exception cref="InputException">It holds no GPT-Neo checkpoint, or cannot be read.</exception>
    public static async Task<CheckpointSource> OpenAsync(string place, Action<string> report, CancellationToken ct)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            if (!Directory.Exists(place)) throw new InputException($"--checkpoint {place}: there is no such folder, and it is no http(s) address");
            _ = CheckpointFiles.ReadArchitecture(place);
            return new CheckpointSource(Path.GetFullPath(place), null);
        }
        var fetched = Directory.CreateTempSubdirectory("ncctl-checkpoint-");
        var source = new CheckpointSource(fetched.FullName, fetched);
        try
        {
            await source.FetchAsync(new Uri(address.AbsoluteUri.TrimEnd('/') + "/"), report, ct);
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

    private async Task FetchAsync(Uri root, Action<string> report, CancellationToken ct)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        await RequireAsync(http, root, ModelCheckpoint.ConfigurationFile, report, ct);
        if (!await TryFetchAsync(http, root, ModelCheckpoint.WeightsFile, report, ct))
        {
            await RequireAsync(http, root, ModelCheckpoint.IndexFile, report, ct);
            foreach (var shard in ShardsOf(Path.Combine(Folder, ModelCheckpoint.IndexFile))) await RequireAsync(http, root, shard, report, ct);
        }
        foreach (var name in s_optional) await TryFetchAsync(http, root, name, report, ct);
    }

    private static List<string> ShardsOf(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(index));
            var names = document.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString() ?? "").Distinct().ToList();
            return names.Find(name => !CheckpointFiles.IsKnown(name)) is { } strange ? throw new InputException($"{ModelCheckpoint.IndexFile} names '{strange}', which is no file of weights") : names;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InputException($"{ModelCheckpoint.IndexFile} is no index of weights: {fault.Message}", fault);
        }
    }

    private async Task RequireAsync(HttpClient http, Uri root, string name, Action<string> report, CancellationToken ct)
    {
        if (!await TryFetchAsync(http, root, name, report, ct)) throw new InputException($"there is no {name} at {root}");
    }

    private async Task<bool> TryFetchAsync(HttpClient http, Uri root, string name, Action<string> report, CancellationToken ct)
    {
        report($"fetching {name}");
        try
        {
            using var response = await http.GetAsync(new Uri(root, name), HttpCompletionOption.ResponseHeadersRead, ct);
            if (response.StatusCode == HttpStatusCode.NotFound) return false;
            if (!response.IsSuccessStatusCode) throw new InputException($"{new Uri(root, name)} answered {(int)response.StatusCode}");
            await using var file = File.Create(Path.Combine(Folder, name));
            await response.Content.CopyToAsync(file, ct);
            return true;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new InputException($"cannot fetch {new Uri(root, name)}: {fault.Message}", fault);
        }
    }
}
