using Microsoft.EntityFrameworkCore;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>Files that came with a request and that a job reads: gone when the job has succeeded, kept for a retry when it has not.</summary>
public sealed class Uploads(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts, TimeProvider time)
{
    /// <summary>Their folder, relative to the artifact root.</summary>
    public const string Folder = "uploads";

    private static readonly TimeSpan Young = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeptForRetry = TimeSpan.FromDays(7);

    /// <summary>Deletes the upload of a job that has succeeded, if it has one.</summary>
    public void Delete(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (JobParameters.FromJson(job.Parameters).ArtifactPath is { } path && path.StartsWith(Folder + "/", StringComparison.Ordinal)) Delete(artifacts.Resolve(path));
    }

    /// <summary>Deletes what no job will read any more: of jobs that succeeded, of requests that crashed before their job was queued, and week-old ones.</summary>
    /// <returns>How many were deleted.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var folder = artifacts.Resolve(Folder);
        if (!Directory.Exists(folder)) return 0;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        var deleted = 0;
        foreach (var path in Directory.GetFileSystemEntries(folder))
        {
            var age = now - Directory.GetLastWriteTimeUtc(path);
            if (age < Young) continue;
            var name = $"{Folder}/{Path.GetFileName(path)}\"";
            var waiting = await context.Jobs.AnyAsync(
                job => job.Parameters.Contains(name) && job.State != JobState.Succeeded && (job.State == JobState.Queued || job.State == JobState.Running || age < KeptForRetry), cancellationToken);
            if (waiting) continue;
            Delete(path);
            deleted++;
        }
        return deleted;
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }
}
