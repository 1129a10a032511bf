namespace NcService.Web.Dashboard.Data;

/// <summary>
/// Seconds that a token costs, as a line over the model's parameters: a share that every token costs (launching kernels, reading data) and one
/// that grows with the model.
/// </summary>
/// <param name="PerToken">Seconds a token.</param>
/// <param name="PerParameter">Seconds a token and parameter.</param>
/// <param name="Measured">Runs that it was fitted to.</param>
public sealed record SpeedLaw(double PerToken, double PerParameter, int Measured)
{
    /// <summary>Seconds for so many tokens through a model of so many parameters.</summary>
    public double Seconds(double tokens, double parameters) => tokens * (PerToken + PerParameter * parameters);

    /// <summary>
    /// Fits the line to measured runs, each weighing the same whatever its size: least squares of the relative error, with neither part negative.
    /// Null where nothing is measured.
    /// </summary>
    /// <param name="measured">Parameters and seconds a token of each run.</param>
    public static SpeedLaw? Fit(IReadOnlyCollection<(double Parameters, double SecondsPerToken)> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        // In units of each run's own cost the target is 1: minimise Σ (a u + b v − 1)², u = 1/s, v = P/s.
        var rows = measured.Where(run => run is { Parameters: > 0, SecondsPerToken: > 0 }).Select(run => (U: 1 / run.SecondsPerToken, V: run.Parameters / run.SecondsPerToken)).ToList();
        if (rows.Count == 0) return null;
        var (uu, uv, vv) = (rows.Sum(row => row.U * row.U), rows.Sum(row => row.U * row.V), rows.Sum(row => row.V * row.V));
        var (u, v) = (rows.Sum(row => row.U), rows.Sum(row => row.V));
        var determinant = uu * vv - uv * uv;
        // One size alone cannot tell the two parts: then all of it grows with the model, which rather says too much than too little.
        if (determinant <= 1e-9 * uu * vv) return new SpeedLaw(0, v / vv, rows.Count);
        var (a, b) = ((u * vv - v * uv) / determinant, (v * uu - u * uv) / determinant);
        return a < 0 ? new SpeedLaw(0, v / vv, rows.Count) : b < 0 ? new SpeedLaw(u / uu, 0, rows.Count) : new SpeedLaw(a, b, rows.Count);
    }
}
