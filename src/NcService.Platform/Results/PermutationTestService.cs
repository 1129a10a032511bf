using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Results;

/// <summary>Asks for permutation tests.</summary>
public sealed class PermutationTestService(IDbContextFactory<NcServiceContext> contexts, JobQueue queue, TimeProvider time)
{
    /// <summary>Queues a permutation test of measurements against an outcome over runs of a study.</summary>
    /// <param name="studyId">The study.</param>
    /// <param name="runIds">At least three of its runs.</param>
    /// <param name="measurements">The measurements; none tests all that the runs have.</param>
    /// <param name="outcome">The outcome that is permuted.</param>
    /// <param name="permutations">B.</param>
    /// <param name="seed">Same seed, same p.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="InputException">The study, a run or a name does not exist, or a limit is passed.</exception>
    public Task<PermutationTestReport> RequestAsync(
        long studyId, IReadOnlyList<long> runIds, IReadOnlyList<string> measurements, string outcome, long permutations, long seed, CancellationToken cancellationToken) =>
        RequestAsync(studyId, runIds, measurements, outcome, permutations, seed, new PermutationTestDesign(), new RequestOrigin(RequestedBy: null), cancellationToken);

    /// <summary>The test that the same request with the same key asked for before; null for none, or without a key.</summary>
    /// <exception cref="InputException">The key belongs to another request.</exception>
    public async Task<PermutationTestReport?> FindAsync(RequestOrigin origin, CancellationToken cancellationToken)
    {
        if (await queue.FindAsync(JobKind.PermutationTest, origin, cancellationToken) is not { } job) return null;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.PermutationTests.AsNoTracking().Include(report => report.Job).Include(report => report.Rows).SingleAsync(report => report.JobId == job.Id, cancellationToken);
    }

    /// <summary>The same with something held fixed, a direction, or an early end, by whoever asks.</summary>
    /// <inheritdoc cref="RequestAsync(long, IReadOnlyList{long}, IReadOnlyList{string}, string, long, long, CancellationToken)"/>
    public async Task<PermutationTestReport> RequestAsync(
        long studyId, IReadOnlyList<long> runIds, IReadOnlyList<string> measurements, string outcome, long permutations, long seed, PermutationTestDesign design,
        RequestOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runIds);
        ArgumentNullException.ThrowIfNull(measurements);
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(origin);
        design.Check();
        if (permutations is < 1 or > StudyLimits.MaximumPermutations)
            throw new InputException($"{permutations} permutations: from 1 to {StudyLimits.MaximumPermutations} are possible ({nameof(StudyLimits.MaximumPermutations)}).");
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var table = await StudyResults.LoadAsync(context, studyId, cancellationToken);
        var chosen = runIds.Distinct().ToList();
        if (chosen.Except(table.Rows.Select(row => row.Id)).Select(id => (long?)id).FirstOrDefault() is { } stranger)
            throw new InputException($"Run {stranger} is not in study {studyId}.");
        if (chosen.Count < StudyResults.SmallestSeedGroup)
            throw new InputException($"A permutation test needs at least {StudyResults.SmallestSeedGroup} runs, not {chosen.Count}.");
        var known = table.Measurements.Concat(table.Outcomes).ToList();
        foreach (var name in measurements.Append(outcome).Where(name => !known.Contains(name)))
            throw new InputException($"No run of study {studyId} has '{name}'{NearestName.Hint(name, known)}");

        var groups = StudyResults.SeedGroups(table);
        var group = groups.FirstOrDefault(group => chosen.ToHashSet().SetEquals(group.Rows.Select(row => row.Id)))
            ?? groups.FirstOrDefault(group => chosen.All(id => group.Rows.Any(row => row.Id == id)));
        var description = group is null ? $"{chosen.Count} runs" : group.Rows.Count == chosen.Count ? group.Description : $"{chosen.Count} of the {group.Description}";
        var report = Create(studyId, chosen, description, outcome, permutations, seed);
        report.Design = design.IsPlain ? null : design.ToJson();
        foreach (var name in measurements.Distinct()) report.Rows.Add(new PermutationTestRow { Measurement = name });
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        context.PermutationTests.Add(report);
        await context.SaveChangesAsync(cancellationToken);
        report.Job = queue.Add(context, new JobRequest(JobKind.PermutationTest, new JobParameters { PermutationTestId = report.Id, RequestDigest = origin.Digest })
        {
            StudyId = studyId,
            RequestedBy = origin.RequestedBy,
            IdempotencyKey = origin.IdempotencyKey,
        });
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return report;
    }

    /// <summary>A report without rows: its job tests every measurement that the runs have by then.</summary>
    internal PermutationTestReport Create(long studyId, IEnumerable<long> runIds, string description, string outcome, long permutations, long seed) => new()
    {
        StudyId = studyId,
        RunIds = JsonSerializer.Serialize(runIds),
        Description = description,
        Outcome = outcome,
        Permutations = permutations,
        Seed = seed,
        CreatedAt = time.GetUtcNow().UtcDateTime,
    };
}
