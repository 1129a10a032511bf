namespace NcService.Platform;

/// <summary>Settings shared by every process of NcService: section <c>NcService</c> of appsettings.json, or environment <c>NcService__Name</c>.</summary>
public sealed class NcServiceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "NcService";

    /// <summary>Folder of everything this installation keeps: the SQLite store and, under <c>artifacts</c>, the files.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>PostgreSQL connection string (<c>Host=…;Database=…</c>); null or empty keeps the store in SQLite under <see cref="DataDirectory"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Where training and analysis run: <c>auto</c> (cuda:0 where there is one, else cpu), <c>cpu</c> or <c>cuda:N</c>.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>Unique name of this node; null makes one of host and process id.</summary>
    public string? NodeName { get; set; }

    /// <summary>Execution groups that this node serves: <c>gpu</c>, <c>cpu</c> or <c>gpu,cpu</c>.</summary>
    public string Queues { get; set; } = "gpu,cpu";

    /// <summary>Trainings and analyses that this node runs at once; one per device.</summary>
    public int GpuJobs { get; set; } = 1;

    /// <summary>Data preparations, permutation tests and imports that this node runs at once.</summary>
    public int CpuJobs { get; set; } = 1;

    /// <summary>Compute threads of a child process; 0 takes every core.</summary>
    public int Threads { get; set; }

    /// <summary>Path of NcService.Worker (its .dll or executable); null looks beside the running assembly.</summary>
    public string? WorkerPath { get; set; }

    /// <summary>False makes this process schedule jobs and never execute them (the web process beside separate workers, PostgreSQL only).</summary>
    public bool ExecuteJobs { get; set; } = true;

    /// <summary>How long a child may take to stop when asked, before it is killed (seconds).</summary>
    public double StopGraceSeconds { get; set; } = 20;

    /// <summary>How long a running job may go without a heartbeat before its node counts as lost (seconds).</summary>
    public double LeaseSeconds { get; set; } = 30;

    /// <summary>How often, and after what waits, a job is tried that its surroundings fail.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>Folders, separated by semicolons, that checkpoints named in requests must lie in; on every machine that executes jobs. None without it.</summary>
    public string CheckpointDirectories { get; set; } = "";

    /// <summary>Largest checkpoint that can be uploaded, all its files together (bytes).</summary>
    public long MaximumCheckpointBytes { get; set; } = 16L << 30;

    /// <summary>Hosts, separated by semicolons, that webhooks may be sent to, by https: names, or <c>*.example.org</c> for all below one. None without it.</summary>
    public string WebhookHosts { get; set; } = "";

    /// <summary>True lets webhooks be sent to this machine's own addresses as well, also by http: for receivers beside the server, and for trying out.</summary>
    public bool WebhooksToThisMachine { get; set; }

    /// <summary>True where the store is PostgreSQL.</summary>
    public bool UsesPostgreSql => !string.IsNullOrWhiteSpace(ConnectionString);
}
