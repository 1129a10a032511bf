using System.Globalization;
using NcService.Core;

namespace NcService.Platform.Artifacts;

/// <summary>
/// The folder that one attempt of a job works in: <c>runs/7/2</c> for the second attempt at run 7. It fences files as the attempt's number fences
/// rows: an attempt takes over the folder of the one before by renaming it, so that a process which lost the job, and wakes up in the middle of a write,
/// finds the folder gone and changes nothing.
/// </summary>
internal static class AttemptFolder
{
    private const int MaximumTries = 10;

    /// <summary>Makes the folder of an attempt: what the latest earlier attempt left, else an empty one. Whatever else lies beside it is deleted.</summary>
    /// <param name="root">Absolute path of the folder of all attempts; made if need be.</param>
    /// <param name="attempt">The attempt, from 1.</param>
    /// <returns>False where a later attempt has taken over.</returns>
    public static bool Claim(string root, int attempt)
    {
        for (var tries = 1; ; tries++)
        {
            var (latest, others) = Look(root);
            if (latest > attempt) return false;
            try
            {
                // 1. A crash before the rename leaves the earlier attempt's folder, for the next attempt to claim.
                if (latest == 0) Directory.CreateDirectory(PathOf(root, attempt));
                else if (latest < attempt) Directory.Move(PathOf(root, latest), PathOf(root, attempt));
            }
            catch (DirectoryNotFoundException) when (tries < MaximumTries)
            {
                // An attempt between the two was quicker, and what it has taken over is now to be taken from it.
                continue;
            }
            // 2. A crash after it leaves this attempt's, which the next one claims.
            foreach (var log in Directory.EnumerateFiles(PathOf(root, attempt), "*.jsonl")) Separate(log);
            foreach (var other in others) Delete(other);
            DurableFile.Synchronise(root);
            return true;
        }
    }

    /// <summary>Deletes what an attempt that lost its job may have written after the next one took its folder over.</summary>
    public static void Abandon(string root, int attempt)
    {
        if (!Directory.Exists(root) || Look(root).Latest <= attempt) return;
        Delete(PathOf(root, attempt));
    }

    private static string PathOf(string root, int attempt) => Path.Combine(root, attempt.ToString(CultureInfo.InvariantCulture));

    /// <summary>The latest attempt that has a folder (0 for none), and everything that is not that folder: half-written folders of processes that died.</summary>
    private static (int Latest, List<string> Others) Look(string root)
    {
        var entries = Directory.Exists(root) ? Directory.GetFileSystemEntries(root) : [];
        var latest = entries.Select(Number).DefaultIfEmpty(0).Max();
        return (latest, [.. entries.Where(entry => latest == 0 || Number(entry) != latest)]);
    }

    private static int Number(string path) => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Gives a file that is appended to a content of its own: the process that wrote it before may still hold it open.</summary>
    private static void Separate(string path)
    {
        var aside = path + ".tmp";
        File.Copy(path, aside, overwrite: true);
        File.Move(aside, path, overwrite: true);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }
}
