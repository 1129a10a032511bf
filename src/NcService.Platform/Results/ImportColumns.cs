namespace NcService.Platform.Results;

/// <summary>
/// What the columns of the authors' two result tables really are, by the names of the measurement catalog. The tables share column names for
/// different quantities, so each has its own list; what has no counterpart keeps its name behind <c>imported_</c>.
/// </summary>
internal static class ImportColumns
{
    /// <summary>Prefix of columns that the catalog does not know.</summary>
    public const string Prefix = "imported_";

    /// <summary>Columns that name or describe a row.</summary>
    public static readonly string[] Descriptive = ["model", "n_params", "width", "depth", "epochs", "weight_decay", "seed", "parameters"];

    private static readonly Dictionary<string, Derivation> Generalisation = new()
    {
        ["val_loss"] = new("val_loss"),
        ["val_acc"] = new("val_accuracy"),
        ["perplex"] = new("perplexity"),
    };

    /// <summary>
    /// Table of May 2024 (<c>_std</c> columns). Its norms are squared: ln ‖m‖² = 2 ln ‖m‖, so the logarithms are halved and the norms
    /// themselves have no counterpart. Its <c>dists_*</c> are a coordinate sum by mistake.
    /// </summary>
    private static readonly Dictionary<string, Derivation> May = new(Generalisation)
    {
        ["cdnv_mean"] = new("cdnv_dist4"),
        ["cdnv_std"] = new(Prefix + "cdnv_dist4_std"),
        ["norms_mean"] = new(Prefix + "squared_norms_mean"),
        ["norms_std"] = new(Prefix + "squared_norms_std"),
        ["norms_log_mean"] = new("lognorms_mean", value => value / 2),
        ["norms_log_std"] = new("lognorms_std", value => value / 2),
        ["interfere_mean"] = new("interference_mean"),
        ["interfere_std"] = new("interference_std"),
        ["log_dist_mean"] = new("logdist_uncentred_mean"),
        ["log_dist_std"] = new("logdist_uncentred_std"),
        ["sims_mean"] = new("selfdual_mean"),
        ["sims_std"] = new("selfdual_std"),
        ["matches"] = new(Prefix + "hits"),
    };

    /// <summary>Table of October 2024 (<c>_var</c> columns). Its interference is of un-normalised inner products.</summary>
    public static readonly Dictionary<string, Derivation> October = new(Generalisation)
    {
        ["cdnv"] = new("cdnv_dist4"),
        ["norms_mean"] = new("norms_mean"),
        ["norms_var"] = new("norms_std", Math.Sqrt, Square),
        ["norms_log_mean"] = new("lognorms_mean"),
        ["norms_log_var"] = new("lognorms_std", Math.Sqrt, Square),
        ["etf_error"] = new("etf_error"),
        ["interfere_mean"] = new(Prefix + "inner_product_mean"),
        ["interfere_var"] = new(Prefix + "inner_product_var"),
        ["log_kern_mean"] = new("logdist_mean"),
        ["log_kern_var"] = new("logdist_std", Math.Sqrt, Square),
        ["dual_error"] = new("duality_error"),
        ["simcos_mean"] = new("selfdual_mean"),
        ["simcos_var"] = new("selfdual_std", Math.Sqrt, Square),
        ["dists_mean"] = new("duality_distance_mean"),
        ["dists_var"] = new("duality_distance_std", Math.Sqrt, Square),
    };

    /// <summary>The list for a table, told by the columns that only one of the two has; for any other table the names of generalisation alone.</summary>
    public static IReadOnlyDictionary<string, Derivation> For(IReadOnlyCollection<string> columns) =>
        columns.Contains("sims_mean") && columns.Contains("log_dist_mean") ? May
        : columns.Contains("simcos_mean") && columns.Contains("log_kern_mean") ? October
        : Generalisation;

    private static double Square(double value) => value * value;

    /// <summary>A measurement's name, its value from the column's, and the other way round.</summary>
    internal sealed record Derivation(string Name, Func<double, double>? From = null, Func<double, double>? To = null)
    {
        public double Apply(double value) => From is null ? value : From(value);

        public double? Undo(double? value) => value is { } known && To is not null ? To(known) : value;
    }
}
