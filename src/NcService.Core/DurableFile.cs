using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace NcService.Core;

/// <summary>
/// Files and folders that appear under their name at once and whole, also after a crash or a power cut: written aside, flushed to disk, renamed.
/// A reader sees the old content or all of the new.
/// </summary>
public static partial class DurableFile
{
    private const string AsideMark = ".partial-";

    /// <summary>A new name beside <paramref name="path"/>, on the same file system, to write under before <see cref="Publish"/>. It begins with a dot.</summary>
    public static string NameAside(string path) => $"{AsidePrefix(path)}{Guid.NewGuid():N}";

    /// <summary>The same under a name that is always the same, for work that goes on where it was interrupted.</summary>
    public static string FixedAside(string path, string purpose) => AsidePrefix(path) + purpose;

    /// <summary>Deletes what processes that were killed left beside <paramref name="path"/>. Only for its one writer to call.</summary>
    public static void SweepAsides(string path)
    {
        var prefix = AsidePrefix(path);
        var folder = Path.GetDirectoryName(prefix)!;
        if (!Directory.Exists(folder)) return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, Path.GetFileName(prefix) + "*").ToList()) Delete(entry);
    }

    /// <summary>Replaces a file's content.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var aside = NameAside(path);
        File.WriteAllBytes(aside, content);
        Publish(aside, path);
    }

    /// <summary>Writes a file in place of <paramref name="path"/>; <paramref name="write"/> gets its stream.</summary>
    public static Task WriteAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) => AsideAsync(path, async aside =>
    {
        await using var stream = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
        await write(stream, cancellationToken);
    });

    /// <summary>Writes a folder in place of <paramref name="path"/>; <paramref name="fill"/> gets the folder aside.</summary>
    public static Task WriteFolderAsync(string path, Func<string, CancellationToken, Task> fill, CancellationToken cancellationToken) => AsideAsync(path, aside =>
    {
        Directory.CreateDirectory(aside);
        return fill(aside, cancellationToken);
    });

    /// <summary>Makes the file or folder under <paramref name="aside"/> durable and renames it to <paramref name="path"/>, in place of what is there.</summary>
    public static void Publish(string aside, string path)
    {
        if (File.Exists(aside))
        {
            Synchronise(aside);
            // 1. A crash before the rename leaves the old file, and one aside that nobody reads.
            File.Move(aside, path, overwrite: true);
        }
        else
        {
            foreach (var file in Directory.EnumerateFiles(aside, "*", SearchOption.AllDirectories)) Synchronise(file);
            foreach (var folder in Directory.EnumerateDirectories(aside, "*", SearchOption.AllDirectories).Append(aside)) Synchronise(folder);
            ReplaceFolder(aside, path);
        }
        // 2. A crash after it leaves the new one; the folder's own fsync makes the new name last.
        Synchronise(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Asks the operating system to write a file's content, or a folder's entries, to the disk. Without effect on Windows.</summary>
    public static void Synchronise(string path)
    {
        // .NET opens no folders, and a rename is durable only when its folder is.
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(path, 0);
        if (descriptor < 0) throw new IOException($"'{path}' cannot be opened to be made durable (error {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (Fsync(descriptor) != 0) throw new IOException($"'{path}' cannot be made durable (error {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>SHA-256 of a file, lower-case hexadecimal.</summary>
    public static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static async Task AsideAsync(string path, Func<string, Task> write)
    {
        var aside = NameAside(path);
        try
        {
            await write(aside);
            Publish(aside, path);
        }
        catch
        {
            Delete(aside);
            throw;
        }
    }

    // A folder cannot be renamed over another. Between the two renames there is none under the name: who replaces folders tells
    // readers of them by a row or file that is written afterwards.
    private static void ReplaceFolder(string aside, string path)
    {
        var old = Directory.Exists(path) ? NameAside(path) : null;
        if (old is not null) Directory.Move(path, old);
        Directory.Move(aside, path);
        if (old is not null) Directory.Delete(old, recursive: true);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }

    private static string AsidePrefix(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}{AsideMark}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
