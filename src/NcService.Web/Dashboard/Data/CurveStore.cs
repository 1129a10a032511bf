using System.Collections.Concurrent;
using NcService.Platform.Artifacts;
using NcService.Web.Dashboard.Charts;
using NcService.Web.Runs;

namespace NcService.Web.Dashboard.Data;

/// <summary>Loss curves of runs. A log is read again only when it has grown, however many readers look at it.</summary>
public sealed class CurveStore(ArtifactStore artifacts)
{
    private readonly ConcurrentDictionary<(string Path, int Points), (long Length, RunCurve Curve)> known = new();

    /// <summary>The curve of a run over <paramref name="axis"/> (step, tokens, time), or null where nothing is logged.</summary>
    public async Task<LossCurve?> ReadAsync(RunSummary run, int points, string axis, int colour, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Run.ArtifactPath is null) return null;
        var path = Path.Combine(artifacts.Resolve(run.Run.ArtifactPath), "metrics.jsonl");
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        if (!known.TryGetValue((path, points), out var entry) || entry.Length != file.Length)
        {
            entry = (file.Length, await CurveReader.ReadAsync(path, points, cancellationToken));
            known[(path, points)] = entry;
        }
        var curve = entry.Curve;
        if (curve.Points.Count == 0) return null;
        return new LossCurve(run.Id, run.Name, colour, Series(curve, axis, point => point.Loss), Series(curve, axis, point => point.ValidationLoss));
    }

    private static List<(double X, double Y)> Series(RunCurve curve, string axis, Func<CurvePoint, double?> value) =>
        [.. curve.Points.Select(point => (X: axis switch { "tokens" => point.Tokens, "time" => point.Seconds, _ => (double?)point.Step }, Y: value(point)))
            .Where(point => point.X is not null && point.Y is not null).Select(point => (point.X!.Value, point.Y!.Value))];
}
