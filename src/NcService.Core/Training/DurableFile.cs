using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace NcService.Core.Training;

/// <summary>Files that are whole or absent: written aside, flushed to disk, renamed.</summary>
internal static partial class DurableFile
{
    /// <summary>Replaces a file's content in one step.</summary>
    public static void Write(string path, byte[] content)
    {
        var aside = path + ".tmp";
        using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        Publish(aside, path);
    }

    /// <summary>Gives a flushed file its final name and makes the name itself durable.</summary>
    public static void Publish(string aside, string path)
    {
        File.Move(aside, path, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>SHA-256 of a file, lower-case hexadecimal.</summary>
    public static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    // .NET opens no directories; elsewhere than on Unix a rename is durable enough.
    private static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(directory, 0);
        if (descriptor < 0) return;
        _ = Flush(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
