using System.Globalization;
using NcService.Core;

namespace NcService.Cli.Gates;

/// <summary>How much worse than the baseline a measurement may be, such as <c>val_loss=1%</c>.</summary>
/// <param name="Text">As it was given.</param>
/// <param name="Name">The measurement.</param>
/// <param name="Share">The share of the baseline's value, 0.01 for 1 %.</param>
internal sealed record Regression(string Text, string Name, double Share)
{
    private static readonly string[] s_lowerIsBetter = ["loss", "perplexity", "gap"];
    private static readonly string[] s_higherIsBetter = ["accuracy", "agreement"];

    public static Regression Parse(string text)
    {
        var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        if (parts.Length == 2 && parts[1].EndsWith('%') && double.TryParse(parts[1].AsSpan()[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and < 1000)
        {
            _ = IsBetterLower(parts[0]);
            return new Regression(text, parts[0], percent / 100);
        }
        throw new InputException($"--max-regression '{text}' is not of the form MEASUREMENT=PERCENT%, such as val_loss=1%");
    }

    /// <summary>The value that may not be passed, and whether it is.</summary>
    public GateResult Check(MeasuredRun run, MeasuredRun baseline)
    {
        var (now, before) = (Value(run), Value(baseline));
        var lower = IsBetterLower(Name);
        var limit = before + ((lower ? 1 : -1) * Share * Math.Abs(before));
        var met = lower ? now <= limit : now >= limit;
        return new GateResult($"{Name} {(lower ? "<=" : ">=")} {baseline.Name} {(lower ? "+" : "-")} {(Share * 100).ToString("0.###", CultureInfo.InvariantCulture)} %", now, limit, met);
    }

    private double Value(MeasuredRun run) => run.Values.TryGetValue(Name, out var value) ? value
        : throw new InputException($"{run.Name} has no measurement '{Name}'{NearestName.Hint(Name, run.Values.Keys)}");

    private static bool IsBetterLower(string name) =>
        s_lowerIsBetter.Any(part => name.Contains(part, StringComparison.Ordinal)) ? true
        : s_higherIsBetter.Any(part => name.Contains(part, StringComparison.Ordinal)) ? false
        : throw new InputException($"--max-regression: it is not known whether a higher or a lower '{name}' is worse; it takes losses, perplexity, gaps, accuracies and agreements. Use a condition for others.");
}
