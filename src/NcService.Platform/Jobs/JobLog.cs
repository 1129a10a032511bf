namespace NcService.Platform.Jobs;

/// <summary>The log of a job: what its processes have written, all attempts in one file.</summary>
public static class JobLog
{
    /// <summary>Where it is, relative to the artifact root.</summary>
    public static string ArtifactPath(long jobId) => ChildProcess.LogPath(jobId);
}
