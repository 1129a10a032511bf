using System.Runtime.InteropServices;

namespace NcService.Core;

/// <summary>A directory that is written aside and appears under its name at once, complete, also after a power cut.</summary>
public static partial class DurableDirectory
{
    /// <summary>A name beside <paramref name="directory"/>, on the same file system, to write under before <see cref="Publish"/>.</summary>
    public static string NameAside(string directory) => $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))}.partial-{Guid.NewGuid():N}";

    /// <summary>Makes what lies under <paramref name="aside"/> durable and renames it to <paramref name="directory"/>, which must not exist.</summary>
    public static void Publish(string aside, string directory)
    {
        foreach (var file in Directory.EnumerateFiles(aside, "*", SearchOption.AllDirectories)) Synchronise(file);
        foreach (var folder in Directory.EnumerateDirectories(aside, "*", SearchOption.AllDirectories).Append(aside)) Synchronise(folder);
        Directory.Move(aside, directory);
        Synchronise(Path.GetDirectoryName(Path.GetFullPath(directory))!);
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

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
