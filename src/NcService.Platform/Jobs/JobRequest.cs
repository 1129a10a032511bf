using System.Text.Json;
using System.Text.Json.Serialization;
using NcService.Core;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>What is asked of the queue.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Parameters">The rows it works on.</param>
public sealed record JobRequest(JobKind Kind, JobParameters Parameters)
{
    /// <summary>The study it works for.</summary>
    public long? StudyId { get; init; }

    /// <summary>Higher first; −10 to 10.</summary>
    public int Priority { get; init; }

    /// <summary>Jobs that must succeed first.</summary>
    public IReadOnlyList<Job> DependsOn { get; init; } = [];

    /// <summary>Who asks.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>The same request with the same key makes one job.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Who asks for something, and how the same request is known when it is sent again.</summary>
/// <param name="RequestedBy">Who asks.</param>
/// <param name="IdempotencyKey">The same request with the same key makes one thing.</param>
/// <param name="Digest">SHA-256 of what is asked for, kept with the key: the same key for something else is refused.</param>
public sealed record RequestOrigin(string? RequestedBy, string? IdempotencyKey = null, string? Digest = null);

/// <summary>The input of a job, kept in its row as JSON: ids of rows and paths of artifacts, never anything to execute.</summary>
public sealed record JobParameters
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The dataset to prepare.</summary>
    public long? DatasetId { get; init; }

    /// <summary>The run to train.</summary>
    public long? RunId { get; init; }

    /// <summary>The analysis to do.</summary>
    public long? AnalysisId { get; init; }

    /// <summary>The permutation test to do.</summary>
    public long? PermutationTestId { get; init; }

    /// <summary>The uploaded file or folder, relative to the artifact root.</summary>
    public string? ArtifactPath { get; init; }

    /// <summary>A folder of the machine's that a request named, under those that the options allow.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The uploaded file's own name, for people.</summary>
    public string? FileName { get; init; }

    /// <summary>Name of the study that an import makes.</summary>
    public string? StudyName { get; init; }

    /// <summary>SHA-256 of the request that made it, where that came with an idempotency key.</summary>
    public string? RequestDigest { get; init; }

    /// <summary>The text kept in <see cref="Job.Parameters"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>Reads <see cref="Job.Parameters"/>.</summary>
    /// <exception cref="InputException">The text is not of that form.</exception>
    public static JobParameters FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<JobParameters>(json, Format) ?? throw new InputException("Job parameters are null.");
        }
        catch (JsonException exception)
        {
            throw new InputException($"Job parameters '{json}' cannot be read: {exception.Message}", exception);
        }
    }
}
