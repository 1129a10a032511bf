namespace NcService.Platform.Jobs;

/// <summary>What the exit code of a process that executes a job says.</summary>
public static class WorkerExit
{
    /// <summary>The job's row says how it ended.</summary>
    public const int Done = 0;

    /// <summary>The arguments or the job cannot be used.</summary>
    public const int BadInput = 2;

    /// <summary>The store did not answer for so long that the process gave up; no fault of the job's.</summary>
    public const int StoreUnreachable = 75;
}
