using System.Text.Json;

namespace NcService.Web.Runs;

/// <summary>Reads the log of a training, metrics.jsonl: one JSON line a logged step. The training may be writing to it.</summary>
internal static class CurveReader
{
    /// <summary>The curve, thinned to <paramref name="points"/> points; empty where nothing is logged yet.</summary>
    public static async Task<RunCurve> ReadAsync(string path, int points, CancellationToken cancellationToken)
    {
        await using var stream = Open(path);
        if (stream is null) return new RunCurve(0, []);
        var steps = new SortedDictionary<long, CurvePoint>();
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            // A resumed training logs the steps since its last checkpoint again; the later line of a step counts.
            if (Parse(line) is { } point) steps[point.Step] = point;
        }
        return new RunCurve(steps.Count, Thin([.. steps.Values], points));
    }

    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            // Nothing logged yet, or a new attempt is taking the folder over just now.
            return null;
        }
    }

    /// <summary>First and last point, evaluations (up to half of the points), and evenly spaced others.</summary>
    private static CurvePoint[] Thin(CurvePoint[] all, int points)
    {
        if (all.Length <= points) return all;
        var evaluated = Enumerable.Range(0, all.Length).Where(i => all[i].ValidationLoss is not null).ToArray();
        var chosen = new SortedSet<int>(Spread(evaluated, points / 2 - 1)) { 0, all.Length - 1 };
        var others = Enumerable.Range(0, all.Length).Where(i => !chosen.Contains(i)).ToArray();
        chosen.UnionWith(Spread(others, points - chosen.Count));
        return [.. chosen.Select(i => all[i])];
    }

    private static IEnumerable<int> Spread(int[] indices, int count)
    {
        if (count <= 0) return [];
        if (indices.Length <= count) return indices;
        return Enumerable.Range(0, count).Select(i => indices[(int)((long)i * indices.Length / count)]);
    }

    // The last line may be half written: it is read at the next request.
    private static CurvePoint? Parse(string line)
    {
        try
        {
            var record = JsonSerializer.Deserialize<JsonElement>(line);
            if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty("step", out var step) || !step.TryGetInt64(out var number)) return null;
            return new CurvePoint(
                number, (long?)Number(record, "tokens"), Number(record, "seconds"), Number(record, "loss"), Number(record, "learningRate"),
                Number(record, "validationLoss"), Number(record, "validationAccuracy"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static double? Number(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? Numbers.Finite(value.GetDouble()) : null;
}
