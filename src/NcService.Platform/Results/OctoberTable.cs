namespace NcService.Platform.Results;

/// <summary>The authors' result table of October 2024, so that what was written to read it reads our results as well.</summary>
public static class OctoberTable
{
    /// <summary>Its columns, in their order.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "model", "n_params", "val_acc", "val_loss", "perplex", "cdnv", "norms_mean", "norms_var", "etf_error", "interfere_mean", "interfere_var", "log_kern_mean", "log_kern_var",
        "dual_error", "simdot_mean", "simdot_var", "simcos_mean", "simcos_var", "dists_mean", "dists_var", "hits", "misses", "norms_log_mean", "norms_log_var",
    ];

    /// <summary>
    /// A run's number in one of the columns after <c>model</c>. Four are of quantities that are not measured here (<c>interfere_*</c> and <c>simdot_*</c>, of vectors that
    /// are not normalised), and <c>hits</c> and <c>misses</c> are counts where we keep the share: null, unless the run came from such a table.
    /// </summary>
    public static double? Value(ResultRow row, string column)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (column == "n_params") return row.ParameterCount;
        return ImportColumns.October.TryGetValue(column, out var derivation) ? derivation.Undo(row.Value(derivation.Name)) : row.Value(ImportColumns.Prefix + column);
    }
}
