using System.IO.Compression;
using NcService.Core;
using NcService.Platform.Checkpoints;

namespace NcService.Web.Checkpoints;

/// <summary>
/// A checkpoint's folder as one zip archive. Names in it never become paths: files of a closed list of names are written, under these names, into a folder of ours.
/// </summary>
internal static class CheckpointArchive
{
    /// <summary>Longest list of contents that is read (bytes): room for ten thousand files, however many the archive claims to have.</summary>
    public const long MaximumContentsBytes = 1 << 20;

    private const int Buffer = 1 << 17;
    private const int MostShown = 80;

    // The upper half of the attributes is st_mode where the archive was made on Unix.
    private const int ModeShift = 16;
    private const int FileType = 0xF000;
    private const int SymbolicLink = 0xA000;

    /// <summary>Writes the files of the checkpoint that an archive holds into a folder, and leaves everything else in it alone.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="folder">Where its files go.</param>
    /// <param name="maximumBytes">Most bytes of all unpacked files together.</param>
    /// <param name="cancellationToken">Stops unpacking.</param>
    /// <exception cref="InputException">It is no zip archive, damaged, locked by a password, holds no checkpoint or several, or an entry leads out of it.</exception>
    /// <exception cref="CheckpointUpload.TooLargeException">It unpacks to more than <paramref name="maximumBytes"/>.</exception>
    public static async Task UnpackAsync(string archive, string folder, long maximumBytes, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read, 4096, useAsync: true);
            await using var limited = new LimitedReading(file, MaximumContentsBytes);
            await using var zip = new ZipArchive(limited, ZipArchiveMode.Read, leaveOpen: true);
            var entries = Choose(zip.Entries);
            limited.Limit = long.MaxValue;
            // What it says of itself is believed where it says too much; where it says too little, the bytes are counted.
            var left = maximumBytes;
            if (entries.Sum(entry => (decimal)entry.Length) > left) throw TooLarge(maximumBytes);
            foreach (var entry in entries) left -= await WriteAsync(entry, Path.Combine(folder, entry.Name), left, maximumBytes, cancellationToken);
        }
        catch (LimitedReading.PassedException fault)
        {
            // Each entry takes memory, and their number is whatever the archive says.
            throw new InputException($"The archive’s list of contents is longer than {MaximumContentsBytes:N0} bytes ({nameof(MaximumContentsBytes)}); pack the checkpoint’s files alone.", fault);
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw new InputException("The archive can’t be read: it is no zip file, or it is damaged.", fault);
        }
    }

    private static List<ZipArchiveEntry> Choose(IReadOnlyCollection<ZipArchiveEntry> entries)
    {
        if (entries.FirstOrDefault(entry => LeadsOut(entry.FullName)) is { } bad)
            throw new InputException($"The archive’s entry '{Shown(bad.FullName)}' leads out of it (a leading slash, a backslash or '..'); nothing of it was taken.");
        var known = entries.Where(entry => CheckpointFiles.IsKnown(entry.Name)).ToLookup(FolderOf);
        if (known.Count == 0) throw new InputException("The archive holds no file of a checkpoint: config.json and model.safetensors are needed.");
        // A checkpoint lies at the top or in one folder; what lies deeper, such as saved steps of its training, belongs to others.
        var depth = known.Min(folder => folder.Key.Count(c => c == '/'));
        var highest = known.Where(folder => folder.Key.Count(c => c == '/') == depth).ToList();
        if (highest.Count > 1) throw new InputException($"The archive holds more than one checkpoint, in '{Shown(highest[0].Key)}' and in '{Shown(highest[1].Key)}'; send one at a time.");
        var chosen = highest[0].ToList();
        if (chosen.Count > CheckpointFiles.MaximumFiles) throw new InputException($"A checkpoint has at most {CheckpointFiles.MaximumFiles} files ({nameof(CheckpointFiles.MaximumFiles)}).");
        foreach (var entry in chosen)
        {
            if (((entry.ExternalAttributes >> ModeShift) & FileType) == SymbolicLink) throw new InputException($"{entry.Name} is a symbolic link; a checkpoint’s files are taken as they are.");
            if (entry.IsEncrypted) throw new InputException($"{entry.Name} is locked by a password; send the archive without one.");
        }
        return chosen.GroupBy(entry => entry.Name).FirstOrDefault(same => same.Count() > 1) is { } twice ? throw new InputException($"{twice.Key} comes twice.") : chosen;
    }

    private static async Task<long> WriteAsync(ZipArchiveEntry entry, string path, long left, long maximumBytes, CancellationToken cancellationToken)
    {
        await using var packed = await entry.OpenAsync(cancellationToken);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true);
        var (buffer, written, sum) = (new byte[Buffer], 0L, Crc32.Start);
        while (await packed.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            written += count;
            if (written > left) throw TooLarge(maximumBytes);
            sum = Crc32.Add(sum, buffer.AsSpan(0, count));
            await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        return Crc32.End(sum) == entry.Crc32 ? written : throw new InputException($"{entry.Name} is damaged in the archive: its check sum is another.");
    }

    private static bool LeadsOut(string name) => name.StartsWith('/') || name.Contains('\\', StringComparison.Ordinal) || name.Split('/').Contains("..");

    private static string FolderOf(ZipArchiveEntry entry) => entry.FullName[..^entry.Name.Length];

    private static string Shown(string name) => name.Length == 0 ? "/" : name.Length <= MostShown ? name : name[..MostShown] + "…";

    private static CheckpointUpload.TooLargeException TooLarge(long maximumBytes) =>
        new($"The archive unpacks to more than {maximumBytes:N0} bytes (NcService:{nameof(NcService.Platform.NcServiceOptions.MaximumCheckpointBytes)}).");
}
