using System.Security.Cryptography;
using System.Text;
using NcService.Core;
using NcService.Platform.Artifacts;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Results;

/// <summary>Queues the import of a result table: keeps the table as a file, for the job to read.</summary>
public sealed class ImportJobs(JobQueue jobs, ArtifactStore artifacts, ResultImport import)
{
    /// <summary>The job that the same request queued before; null for none, or without a key.</summary>
    /// <exception cref="InputException">The key belongs to another request.</exception>
    public async Task<Job?> FindAsync(string text, string fileName, string studyName, string? key, CancellationToken cancellationToken) =>
        key is null ? null : await jobs.FindAsync(Request(text, fileName, studyName, key, requestedBy: null), cancellationToken);

    /// <summary>Checks a table and queues its import.</summary>
    /// <param name="csv">The table.</param>
    /// <param name="text">The same, to be kept.</param>
    /// <param name="fileName">The file's own name, for people.</param>
    /// <param name="studyName">Name of the study that it becomes.</param>
    /// <param name="key">The same request with the same key makes one job.</param>
    /// <param name="requestedBy">Who asks.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="InputException">The table cannot be read; the message names column and line.</exception>
    public async Task<Job> EnqueueAsync(
        TextReader csv, string text, string fileName, string studyName, string? key, string? requestedBy, CancellationToken cancellationToken)
    {
        _ = import.Read(csv, fileName, studyName);
        var request = Request(text, fileName, studyName, key, requestedBy);
        // The file first: a crash before the row leaves a file that nobody names, which is swept away.
        await artifacts.WriteFileAsync(request.Parameters.ArtifactPath!, (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), token).AsTask(), cancellationToken);
        return await jobs.EnqueueAsync(request, cancellationToken);
    }

    private static JobRequest Request(string text, string fileName, string studyName, string? key, string? requestedBy)
    {
        // With a key the same content has the same name, so that a request sent again is the same request.
        var name = key is null ? Guid.NewGuid().ToString("N") : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{text}")));
        return new JobRequest(JobKind.ImportResults, new JobParameters { ArtifactPath = $"{Uploads.Folder}/{name}.csv", FileName = fileName, StudyName = studyName })
        {
            IdempotencyKey = key,
            RequestedBy = requestedBy,
        };
    }
}
