namespace NcService.Platform.Store;

/// <summary>A node that executes jobs, as its heartbeats describe it.</summary>
public sealed class Worker
{
    /// <summary>Unique name of the node.</summary>
    public required string Name { get; set; }

    /// <summary>Host it runs on.</summary>
    public required string Host { get; set; }

    /// <summary>Process id on that host.</summary>
    public int ProcessId { get; set; }

    /// <summary>Its device: <c>cpu</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; set; }

    /// <summary>Resident memory of the node and its child (bytes).</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Memory of its device that is in use, by whomever (bytes); null where it has no device of its own or nothing tells.</summary>
    public long? DeviceMemoryUsedBytes { get; set; }

    /// <summary>All memory of its device (bytes).</summary>
    public long? DeviceMemoryBytes { get; set; }

    /// <summary>The job it executes now.</summary>
    public long? CurrentJobId { get; set; }

    /// <summary>When it started (UTC).</summary>
    public DateTime StartedAt { get; set; }

    /// <summary>Its last sign of life (UTC).</summary>
    public DateTime HeartbeatAt { get; set; }
}

/// <summary>An API token; only its hash is kept.</summary>
public sealed class ApiToken
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>What it is for, in its owner's words.</summary>
    public required string Name { get; set; }

    /// <summary>SHA-256 of the token, hexadecimal.</summary>
    public required string Hash { get; set; }

    /// <summary>read, submit, admin; comma separated.</summary>
    public required string Scopes { get; set; }

    /// <summary>When it was made (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When it ceases to be valid (UTC).</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>When it was revoked (UTC).</summary>
    public DateTime? RevokedAt { get; set; }

    /// <summary>When it was last used (UTC).</summary>
    public DateTime? LastUsedAt { get; set; }
}
