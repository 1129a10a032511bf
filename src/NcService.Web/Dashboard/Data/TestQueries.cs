using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>A permutation test with the state of its job.</summary>
/// <param name="Report">The test, with its rows.</param>
/// <param name="RunIds">The runs tested.</param>
/// <param name="Job">The job that computes it; null where it was computed at once.</param>
public sealed record TestView(PermutationTestReport Report, IReadOnlySet<long> RunIds, Job? Job)
{
    /// <summary>What it asks.</summary>
    public PermutationTestDesign Design { get; } = PermutationTestDesign.FromJson(Report.Design);

    /// <summary>Where it stands.</summary>
    public Stage Stage => Job is null || Report.Rows.Count > 0 ? Stage.Done : Stages.Of(Job.State);

    /// <summary>The p-value of the test's direction.</summary>
    public double? P(PermutationTestRow? row) => row is null ? null : PermutationTestReading.P(row, Report);

    /// <summary>The test in few words, such as "10 000 permutations, seed 0, two-sided".</summary>
    public string Words => $"{Components.Format.Count(Report.Permutations)} permutations, seed {Report.Seed}, {Components.Words.Direction(Design.Alternative)}"
        + (Design.DecideLevel is { } level ? FormattableString.Invariant($", until {level} is decided") : "");

    /// <summary>The row of a measurement, once there.</summary>
    public PermutationTestRow? Row(string measurement) => Report.Rows.Find(row => row.Measurement == measurement);
}

/// <summary>What the dashboard reads about permutation tests.</summary>
public sealed class TestQueries(IDbContextFactory<NcServiceContext> contexts)
{
    /// <summary>The tests of a study, the newest first.</summary>
    public async Task<IReadOnlyList<TestView>> ListAsync(long studyId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var reports = await context.PermutationTests.AsNoTracking().Include(report => report.Rows).Include(report => report.Job)
            .Where(report => report.StudyId == studyId).OrderByDescending(report => report.Id).ToListAsync(cancellationToken);
        return reports.ConvertAll(report => new TestView(report, (JsonSerializer.Deserialize<long[]>(report.RunIds) ?? []).ToHashSet(), report.Job));
    }
}
