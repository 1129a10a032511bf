namespace NcService.Platform.Store;

/// <summary>What a job does. The set is closed: a request can never name code to run.</summary>
public enum JobKind
{
    /// <summary>Tokenise and pack a corpus.</summary>
    PrepareDataset,

    /// <summary>Train one run.</summary>
    TrainRun,

    /// <summary>Collect class statistics of a checkpoint and measure them.</summary>
    AnalyseCheckpoint,

    /// <summary>Permutation tests over a set of runs.</summary>
    PermutationTest,

    /// <summary>Read a result table.</summary>
    ImportResults,

    /// <summary>Take in a checkpoint made elsewhere.</summary>
    ImportCheckpoint,

    /// <summary>Measure embeddings that were uploaded.</summary>
    MeasureEmbeddings,
}

/// <summary>queued → running → succeeded | failed | cancelled; running → queued when its node was lost.</summary>
public enum JobState
{
    /// <summary>Waiting for its dependencies or for a device.</summary>
    Queued,

    /// <summary>A node executes it.</summary>
    Running,

    /// <summary>Done; its results are in the store.</summary>
    Succeeded,

    /// <summary>Ended with <see cref="Job.Error"/>.</summary>
    Failed,

    /// <summary>Ended on request.</summary>
    Cancelled,
}

/// <summary>A piece of work. This row is what people and programs see and what is true; the scheduler only decides who runs it, when.</summary>
public sealed class Job
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>What it does.</summary>
    public JobKind Kind { get; set; }

    /// <summary>Where it stands.</summary>
    public JobState State { get; set; }

    /// <summary>Higher first.</summary>
    public int Priority { get; set; }

    /// <summary>Its input as JSON: the ids of the rows it works on, such as <c>{"runId": 7}</c>.</summary>
    public required string Parameters { get; set; }

    /// <summary>The study it works for, for fairness and for cancelling all of a study.</summary>
    public long? StudyId { get; set; }

    /// <summary>Its place among the jobs of its priority, see <see cref="JobTurns"/>; lower first. Given when the job is first saved.</summary>
    public long Turn { get; set; }

    /// <summary>Held back on request: queued, and not started; a running one hands itself back.</summary>
    public bool Paused { get; set; }

    /// <summary>Fencing token: raised by each start; every write of an execution is conditional on it.</summary>
    public int Attempt { get; set; }

    /// <summary>How often the job ended its own process (crash, kill, out of memory).</summary>
    public int ProcessDeaths { get; set; }

    /// <summary>Tries that its surroundings failed (a full disk, a store that was gone, a process that died) since someone last asked for it.</summary>
    public int FailedTries { get; set; }

    /// <summary>How many such tries it has; after the last it is failed.</summary>
    public int MaximumTries { get; set; } = 1;

    /// <summary>Queued, and not started before then (UTC): its last try failed.</summary>
    public DateTime? NextTryAt { get; set; }

    /// <summary>Seconds that its attempts have held a slot of their node (a device, for trainings and analyses), without the one under way.</summary>
    public double RunSeconds { get; set; }

    /// <summary>Share done, 0 to 1.</summary>
    public double Progress { get; set; }

    /// <summary>What it is doing, in words.</summary>
    public string? ProgressText { get; set; }

    /// <summary>Training or collection speed (tokens a second).</summary>
    public double? TokensPerSecond { get; set; }

    /// <summary>When it should end (UTC), by its own estimate.</summary>
    public DateTime? ExpectedAt { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; set; }

    /// <summary>Someone asked for it to stop.</summary>
    public bool CancelRequested { get; set; }

    /// <summary>Who asked for the job.</summary>
    public string? RequestedBy { get; set; }

    /// <summary>The same request with the same key makes one job.</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>The node that executes or executed it.</summary>
    public string? WorkerName { get; set; }

    /// <summary>When it was asked for (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When its latest attempt began (UTC).</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>When it ended (UTC).</summary>
    public DateTime? FinishedAt { get; set; }

    /// <summary>When its node last said that the process lives (UTC).</summary>
    public DateTime? HeartbeatAt { get; set; }

    /// <summary>When it last progressed (UTC): alive is not progressing.</summary>
    public DateTime? ProgressAt { get; set; }

    /// <summary>Jobs that must succeed first.</summary>
    public List<JobDependency> DependsOn { get; } = [];
}

/// <summary>One job waits for another.</summary>
public sealed class JobDependency
{
    /// <summary>The job that waits.</summary>
    public long JobId { get; set; }

    /// <summary>The job that must succeed first.</summary>
    public long DependsOnJobId { get; set; }

    /// <summary>The job that must succeed first.</summary>
    public Job? DependsOnJob { get; set; }
}
