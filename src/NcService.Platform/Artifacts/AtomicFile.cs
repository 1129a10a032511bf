using NcService.Core;

namespace NcService.Platform.Artifacts;

/// <summary>Write aside, fsync, rename: a reader, also one after a crash or power loss, sees the old content or all of the new.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file in place of <paramref name="path"/>.</summary>
    public static async Task WriteAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        var aside = Aside(path);
        try
        {
            await using (var stream = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true))
            {
                await write(stream, cancellationToken);
                await stream.FlushAsync(cancellationToken);
                stream.Flush(flushToDisk: true);
            }
            // 1. A crash before the rename leaves the old file, and one aside that nobody reads.
            File.Move(aside, path, overwrite: true);
            // 2. A crash after it leaves the new one; the folder's own fsync makes the new name last.
            DurableDirectory.Synchronise(Path.GetDirectoryName(path)!);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>Writes a folder in place of <paramref name="path"/>: <paramref name="fill"/> gets the folder aside.</summary>
    public static async Task WriteFolderAsync(string path, Func<string, CancellationToken, Task> fill, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fill);
        var aside = Aside(path);
        Directory.CreateDirectory(aside);
        try
        {
            await fill(aside, cancellationToken);
            SyncTree(aside);
            if (Directory.Exists(path))
            {
                // A folder cannot be renamed over another. Between the two renames there is none: readers come by way of a
                // row of the store, which is committed after this returns.
                var old = Aside(path);
                Directory.Move(path, old);
                Directory.Move(aside, path);
                Directory.Delete(old, recursive: true);
            }
            else
            {
                Directory.Move(aside, path);
            }
            DurableDirectory.Synchronise(Path.GetDirectoryName(path)!);
        }
        catch
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
            throw;
        }
    }

    // Leading dot: ArtifactStore.Resolve never leads to it.
    private static string Aside(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}");

    private static void SyncTree(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder)) DurableDirectory.Synchronise(file);
        foreach (var child in Directory.EnumerateDirectories(folder)) SyncTree(child);
        DurableDirectory.Synchronise(folder);
    }
}
