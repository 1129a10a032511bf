namespace NcService.Core;

/// <summary>Finds the valid name that a mistyped one most likely meant.</summary>
public static class NearestName
{
    /// <summary>The valid name nearest to <paramref name="wanted"/> in edit distance, or null where none is near.</summary>
    public static string? Find(string wanted, IEnumerable<string> valid)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(valid);
        var limit = Math.Max(2, wanted.Length / 2);
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in valid)
        {
            var distance = EditDistance(wanted.ToUpperInvariant(), candidate.ToUpperInvariant());
            // A prefix is what people type when they forget an ending such as _mean.
            if (wanted.Length >= 3 && candidate.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)) distance = Math.Min(distance, 1);
            if (distance < bestDistance) (best, bestDistance) = (candidate, distance);
        }
        return bestDistance <= limit ? best : null;
    }

    /// <summary>"; did you mean 'X'?" or, where no name is near, the empty text: to be appended to a message.</summary>
    public static string Hint(string wanted, IEnumerable<string> valid) =>
        Find(wanted, valid) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    private static int EditDistance(string a, string b)
    {
        var previous = new int[b.Length + 1];
        var current = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) previous[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substitution, 1 + Math.Min(previous[j], current[j - 1]));
            }
            (previous, current) = (current, previous);
        }
        return previous[b.Length];
    }
}
