using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>Where a run or job stands, as people see it.</summary>
public enum Stage
{
    /// <summary>Waits.</summary>
    Queued,

    /// <summary>Works now.</summary>
    Running,

    /// <summary>Ended well.</summary>
    Done,

    /// <summary>Ended badly.</summary>
    Failed,

    /// <summary>Ended on request.</summary>
    Cancelled,
}

/// <summary>Turns job states into stages.</summary>
public static class Stages
{
    /// <summary>The stage of a job.</summary>
    public static Stage Of(JobState state) => state switch
    {
        JobState.Queued => Stage.Queued,
        JobState.Running => Stage.Running,
        JobState.Succeeded => Stage.Done,
        JobState.Failed => Stage.Failed,
        _ => Stage.Cancelled,
    };

    /// <summary>The state of a job that is in a stage.</summary>
    public static JobState StateOf(Stage stage) => stage switch
    {
        Stage.Queued => JobState.Queued,
        Stage.Running => JobState.Running,
        Stage.Done => JobState.Succeeded,
        Stage.Failed => JobState.Failed,
        _ => JobState.Cancelled,
    };

    /// <summary>The stage of a run from its training and the latest analysis; a run without jobs is imported and done.</summary>
    public static Stage Of(JobState? training, JobState? analysis) => (training, analysis) switch
    {
        (null, null) => Stage.Done,
        (JobState.Succeeded or null, { } last) => Of(last),
        ({ } first, _) => Of(first),
    };
}
