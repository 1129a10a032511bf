namespace NcService.Web.Dashboard.Data;

/// <summary>The measurements that the study's own Table 1 shows, one or two a row.</summary>
internal static class TableOne
{
    private static readonly HashSet<string> s_names =
    [
        "cdnv", "cdnv_dist4", "lognorms_cov", "interference_cov", "logdist_cov", "logdist_uncentred_cov", "selfdual_mean", "selfdual_cov", "ncc_agreement", "ncc_agreement_seen",
    ];

    /// <summary>True where the study prints the measurement.</summary>
    public static bool Contains(string measurement) => s_names.Contains(measurement);
}
