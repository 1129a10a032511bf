using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NcService.Core;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Platform.Deleting;

/// <summary>
/// Takes away the files of what was deleted. The store lists their folders (and nothing else is ever taken away, whatever lies under the root): those that could not be
/// deleted at once, and for a day all, as a process that was suspended while it held a job may write once more when it wakes.
/// </summary>
public sealed class DeletedArtifacts(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts, TimeProvider time, ILogger<DeletedArtifacts> logger)
{
    private const int Batch = 500;
    private static readonly TimeSpan LateWrites = TimeSpan.FromDays(1);

    /// <summary>Deletes what is listed, and takes off the list what is gone for good.</summary>
    /// <returns>How many folders were there.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var listed = await context.DeletedArtifacts.AsNoTracking().ToListAsync(cancellationToken);
        var old = time.GetUtcNow().UtcDateTime - LateWrites;
        var (found, done) = (0, new List<string>());
        foreach (var artifact in listed)
        {
            var was = Delete(artifact.Path);
            if (was == true) found++;
            if (was is not null && artifact.DeletedAt < old) done.Add(artifact.Path);
        }
        foreach (var paths in done.Chunk(Batch))
            await context.DeletedArtifacts.Where(artifact => paths.Contains(artifact.Path)).ExecuteDeleteAsync(cancellationToken);
        return found;
    }

    /// <summary>Deletes a folder; true where it was there, false where it was not, null where it could not be deleted.</summary>
    internal bool? Delete(string path)
    {
        try
        {
            var folder = artifacts.Resolve(path);
            if (!Directory.Exists(folder)) return false;
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InputException)
        {
            logger.LogWarning("The files of {Path} could not be deleted: {Reason}; the next sweep tries again", path, exception.Message);
            return null;
        }
    }
}
