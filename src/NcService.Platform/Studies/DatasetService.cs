using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Text;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Studies;

/// <summary>Asks for prepared corpora.</summary>
public sealed class DatasetService(IDbContextFactory<NcServiceContext> contexts, JobQueue queue, TimeProvider time)
{
    /// <summary>How specifications and definitions are kept in the store.</summary>
    internal static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Queues the preparation of a dataset.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="specification">Text, tokenizer and chunk length.</param>
    /// <param name="requestedBy">Who asks.</param>
    /// <param name="key">The same request with the same key makes one dataset, see <see cref="FindAsync"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="InputException">The name is taken or impossible, or the specification is out of range.</exception>
    public async Task<Dataset> CreateAsync(string name, DatasetSpecification specification, string? requestedBy, string? key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(specification);
        if (StudyValidation.CheckName(name) is { } wrong) throw new InputException(wrong);
        specification.Validate();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Datasets.AnyAsync(dataset => dataset.Name == name, cancellationToken))
            throw new InputException($"There is a dataset named '{name}' already.");
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var dataset = await AddAsync(context, name, specification, new JobRequest(JobKind.PrepareDataset, new JobParameters()) { RequestedBy = requestedBy, IdempotencyKey = key }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return dataset;
    }

    /// <summary>The dataset that the same key asked for before; null for none.</summary>
    /// <exception cref="InputException">The key belongs to another request.</exception>
    public async Task<Dataset?> FindAsync(string name, DatasetSpecification specification, string key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.IdempotencyKey == key, cancellationToken) is not { } job) return null;
        var dataset = await context.Datasets.AsNoTracking().Include(dataset => dataset.Job).SingleOrDefaultAsync(dataset => dataset.JobId == job.Id, cancellationToken);
        return dataset?.Name == name && dataset.Specification == JsonSerializer.Serialize(specification, Format)
            ? dataset
            : throw new InputException($"Idempotency key '{key}' was used before, for another request.");
    }

    /// <summary>Adds a dataset and the job that prepares it within the caller's transaction; saves.</summary>
    internal async Task<Dataset> AddAsync(
        NcServiceContext context, string name, DatasetSpecification specification, JobRequest request, CancellationToken cancellationToken)
    {
        var dataset = new Dataset
        {
            Name = name,
            Specification = JsonSerializer.Serialize(specification, Format),
            ContextLength = specification.ContextLength,
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        context.Datasets.Add(dataset);
        await context.SaveChangesAsync(cancellationToken);
        dataset.Job = queue.Add(context, request with { Parameters = new JobParameters { DatasetId = dataset.Id } });
        await context.SaveChangesAsync(cancellationToken);
        return dataset;
    }
}
