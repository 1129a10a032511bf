using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs.Executors;

/// <summary>Tests each measurement of a report against its outcome, and adjusts the p-values over the report.</summary>
public sealed class PermutationTestExecutor(IDbContextFactory<NcServiceContext> contexts) : IJobExecutor
{
    /// <inheritdoc />
    public JobKind Kind => JobKind.PermutationTest;

    /// <inheritdoc />
    public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(progress);
        var reportId = JobParameters.FromJson(job.Parameters).PermutationTestId;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var report = await context.PermutationTests.AsNoTracking().Include(report => report.Rows).SingleOrDefaultAsync(report => report.Id == reportId, cancellationToken)
            ?? throw new InputException($"There is no permutation test {reportId}.");
        var table = await StudyResults.LoadAsync(context, report.StudyId, cancellationToken);
        var runIds = JsonSerializer.Deserialize<HashSet<long>>(report.RunIds)!;
        var rows = table.Rows.Where(row => runIds.Contains(row.Id)).ToList();
        var measurements = report.Rows.Count > 0 ? report.Rows.Select(row => row.Measurement).ToList() : table.Measurements;

        var tested = await Task.Factory.StartNew(
            () => Test(report, rows, measurements, progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return async (store, token) =>
        {
            await store.Set<PermutationTestRow>().Where(row => row.ReportId == report.Id).ExecuteDeleteAsync(token);
            store.Set<PermutationTestRow>().AddRange(tested);
        };
    }

    private static List<PermutationTestRow> Test(
        PermutationTestReport report, List<ResultRow> rows, IReadOnlyList<string> measurements, IJobProgress progress, CancellationToken cancellationToken)
    {
        var outcome = StudyResults.Column(rows, report.Outcome);
        var tested = new List<PermutationTestRow>();
        foreach (var name in measurements)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var done = (double)tested.Count / measurements.Count;
            progress.Report(done, $"{name}: {report.Permutations:N0} permutations over {rows.Count} runs");
            var values = StudyResults.Column(rows, name);
            var options = new PermutationTestOptions
            {
                Permutations = report.Permutations,
                Seed = unchecked((ulong)report.Seed),
                Progress = new DirectProgress<long>(count =>
                    progress.Report(done + (double)count / report.Permutations / measurements.Count, $"{name}: {count:N0} of {report.Permutations:N0} permutations")),
            };
            tested.Add(ToRow(report.Id, name, PermutationTest.Run(values, outcome, options, cancellationToken), Correlation.Spearman(values, outcome)));
        }

        var defined = tested.Where(row => row.PTwoSided is not null).ToList();
        var adjusted = BenjaminiHochberg.Adjust(defined.Select(row => row.PTwoSided!.Value).ToArray());
        for (var i = 0; i < defined.Count; i++) defined[i].PAdjusted = adjusted[i];
        return tested;
    }

    private static PermutationTestRow ToRow(long reportId, string name, PermutationTestResult result, double? spearman) => new()
    {
        ReportId = reportId,
        Measurement = name,
        Count = result.Count,
        R = result.R,
        R2 = result.R2,
        Spearman = spearman,
        PTwoSided = result.PTwoSided,
        POneSided = result.POneSided,
        PLower = result.PInterval?.Lower,
        PUpper = result.PInterval?.Upper,
        Permutations = result.Permutations,
        Exact = result.Exact,
        Histogram = result.Histogram is { } histogram ? JsonSerializer.Serialize(new { lower = -1, upper = 1, counts = histogram.Counts }) : null,
        UndefinedReason = result.UndefinedReason,
    };
}
