using NcService.Core.Statistics;
using NcService.Platform.Store;

namespace NcService.Platform.Results;

/// <summary>Stored permutation tests in plain words.</summary>
public static class PermutationTestReading
{
    /// <summary>The p-value of the test's direction.</summary>
    public static double? P(PermutationTestRow row, PermutationTestReport report)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(report);
        return PermutationTestDesign.FromJson(report.Design).Alternative switch
        {
            Alternative.TwoSided => row.PTwoSided,
            Alternative.Greater => row.PGreater,
            _ => row.PLess,
        };
    }

    /// <summary>What the test of a measurement shows, and what it does not.</summary>
    public static Reading Of(PermutationTestRow row, PermutationTestReport report)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(report);
        var result = new PermutationTestResult
        {
            Measurement = row.Measurement,
            Count = row.Count,
            R = row.R,
            R2 = row.R2,
            Alternative = PermutationTestDesign.FromJson(report.Design).Alternative,
            P = P(row, report),
            PWestfallYoung = row.PWestfallYoung,
            Permutations = row.Permutations,
            Exact = row.Exact,
            StrataCount = row.StrataCount,
            UndefinedReason = row.UndefinedReason,
        };
        return Reading.Of(result, report.Outcome, report.Description, report.Rows.Count(other => other.R is not null));
    }
}
