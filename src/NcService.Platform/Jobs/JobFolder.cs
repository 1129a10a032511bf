using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>Where a job keeps its files, relative to the artifact root.</summary>
internal static class JobFolder
{
    /// <summary>The folder of all attempts; null for a kind that writes rows alone.</summary>
    public static string? RootOf(Job job)
    {
        var parameters = JobParameters.FromJson(job.Parameters);
        return job.Kind switch
        {
            JobKind.PrepareDataset => $"datasets/{parameters.DatasetId}",
            JobKind.TrainRun => $"runs/{parameters.RunId}",
            JobKind.AnalyseCheckpoint or JobKind.MeasureEmbeddings => $"analyses/{parameters.AnalysisId}",
            JobKind.ImportCheckpoint => $"runs/{parameters.RunId}",
            _ => null,
        };
    }

    /// <summary>Every folder that the job's attempts may have made, relative to the artifact root; its upload has a sweep of its own.</summary>
    public static IEnumerable<string> AllOf(Job job)
    {
        if (job.Attempt == 0) return [];
        return RootOf(job) is { } root ? [root, ChildProcess.LogFolder(job.Id)] : [ChildProcess.LogFolder(job.Id)];
    }

    /// <summary>The folder of the attempt that holds the job; it exists while the job is executed.</summary>
    public static string Of(Job job) => $"{RootOf(job)}/{job.Attempt}";
}
