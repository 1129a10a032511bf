using NcService.Platform.Results;

namespace NcService.Web.Dashboard.Data;

/// <summary>What the dashboard reads about measured values.</summary>
public sealed class ResultQueries(StudyResults results)
{
    /// <summary>The measured runs of a study.</summary>
    public async Task<MeasuredStudy> LoadAsync(long studyId, CancellationToken cancellationToken)
    {
        var table = await results.LoadAsync(studyId, cancellationToken);
        var groups = StudyResults.SeedGroups(table)
            .Select(group => new SeedSet(Shorten(group), [.. group.Rows.Where(IsMeasured)]))
            .Where(group => group.Runs.Count >= StudyResults.SmallestSeedGroup);
        return new MeasuredStudy([.. RunSample.Of(table.Rows).Rows.Where(IsMeasured)], [.. groups.OrderByDescending(group => group.Runs.Count)], table);
    }

    // A run that is still in training has no outcome; one that only trained has no geometry.
    private static bool IsMeasured(ResultRow row) => row.Value(MeasuredStudy.DefaultOutcome) is not null && row.Values.Count > 4;

    // The heading says already that nothing but the seed differs.
    private static string Shorten(SeedGroup group) =>
        $"{group.Rows.Count} seeds: {group.Description[(group.Description.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()}";
}
