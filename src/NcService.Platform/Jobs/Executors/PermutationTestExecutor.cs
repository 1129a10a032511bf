using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs.Executors;

/// <summary>Tests the measurements of a report against its outcome, all from one set of permutations.</summary>
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
        var design = PermutationTestDesign.FromJson(report.Design);
        var sample = RunSample.Of(rows);
        var options = new PermutationTestOptions
        {
            Permutations = report.Permutations,
            Seed = unchecked((ulong)report.Seed),
            Alternative = design.Alternative,
            DecideLevel = design.DecideLevel,
            Progress = new DirectProgress<long>(count => progress.Report((double)count / report.Permutations, $"{count:N0} of {report.Permutations:N0} permutations")),
        };
        progress.Report(0, $"{report.Permutations:N0} permutations of {report.Outcome} over {sample.Rows.Count} runs");
        if (measurements.Count == 0) return [];
        var tests = PermutationTest.RunFamily(
            [.. measurements.Select(sample.Variable)], sample.Variable(report.Outcome), sample.HeldFixed(design.Covariates, design.Within), options, cancellationToken);
        return [.. tests.Select(test => ToRow(report, sample, test))];
    }

    private static PermutationTestRow ToRow(PermutationTestReport report, RunSample sample, PermutationTestResult result)
    {
        var leftOut = sample.LeftOut(result.LeftOut);
        return new PermutationTestRow
        {
            ReportId = report.Id,
            Measurement = result.Measurement,
            Count = result.Count,
            R = result.R,
            R2 = result.R2,
            Spearman = Correlation.Spearman(sample.Variable(result.Measurement).Values, sample.Variable(report.Outcome).Values),
            PTwoSided = result.PTwoSided,
            POneSided = result.POneSided,
            PGreater = result.PGreater,
            PLess = result.PLess,
            PAdjusted = result.PBenjaminiHochberg,
            PWestfallYoung = result.PWestfallYoung,
            PLower = result.PInterval?.Lower,
            PUpper = result.PInterval?.Upper,
            Permutations = result.Permutations,
            Exact = result.Exact,
            StoppedEarly = result.StoppedEarly,
            StrataCount = result.StrataCount,
            Histogram = result.Histogram is { } histogram ? JsonSerializer.Serialize(new { lower = -1, upper = 1, counts = histogram.Counts }) : null,
            LeftOut = leftOut.Count == 0 ? null : JsonSerializer.Serialize(leftOut, JsonSerializerOptions.Web),
            UndefinedReason = result.UndefinedReason,
        };
    }
}
