using System.Net.Http.Headers;
using System.Text.Json;

namespace NcService.Core.Text;

/// <summary>
/// What has arrived of a download: <c>NAME.partial</c>, and beside it <c>NAME.partial.json</c> with the address and the server's mark of the
/// version (strong ETag, else Last-Modified). Without a mark nothing is resumed: the rest might be that of another version.
/// </summary>
internal sealed class PartialFile(string destination, Uri source)
{
    private readonly string statePath = destination + ".partial.json";

    public string Path { get; } = destination + ".partial";

    /// <summary>Bytes there.</summary>
    public long Length => File.Exists(Path) ? new FileInfo(Path).Length : 0;

    /// <summary>The condition under which the rest belongs to what is there, or null where it cannot be resumed.</summary>
    public RangeConditionHeaderValue? ResumeCondition()
    {
        if (Length == 0 || ReadState() is not { } state || state.Source != source.AbsoluteUri) return null;
        if (state.ETag is not null && EntityTagHeaderValue.TryParse(state.ETag, out var tag)) return new RangeConditionHeaderValue(tag);
        return state.LastModified is { } date ? new RangeConditionHeaderValue(date) : null;
    }

    /// <summary>Begins anew. The mark is written before the first byte, so that bytes never stand under another version's mark.</summary>
    public void Restart(HttpResponseMessage response)
    {
        File.Delete(Path);
        var tag = response.Headers.ETag is { IsWeak: false } strong ? strong.ToString() : null;
        File.WriteAllText(statePath, JsonSerializer.Serialize(new State(source.AbsoluteUri, tag, response.Content.Headers.LastModified)));
    }

    /// <summary>Forgets what has arrived.</summary>
    public void Delete()
    {
        File.Delete(Path);
        File.Delete(statePath);
    }

    /// <summary>Gives the file its name, at once and durably.</summary>
    public void Publish()
    {
        DurableFile.Synchronise(Path);
        File.Move(Path, destination, overwrite: true);
        File.Delete(statePath);
        DurableFile.Synchronise(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(destination))!);
    }

    private State? ReadState()
    {
        try
        {
            return File.Exists(statePath) ? JsonSerializer.Deserialize<State>(File.ReadAllText(statePath)) : null;
        }
        catch (JsonException)
        {
            return null; // Cut off while it was written: as good as absent.
        }
    }

    private sealed record State(string Source, string? ETag, DateTimeOffset? LastModified);
}
