using System.Globalization;
using System.Text.RegularExpressions;
using NcService.Core.Statistics;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Components;

/// <summary>How the dashboard writes numbers and times: few digits, true minus signs, units.</summary>
internal static partial class Format
{
    private const string Absent = "–";

    /// <summary>A loss in nats.</summary>
    public static string Loss(double? value) => Fixed(value, 4);

    /// <summary>A correlation, R² or share with three decimals.</summary>
    public static string Three(double? value) => Fixed(value, 3);

    /// <summary>A value with a fixed number of decimals.</summary>
    public static string Fixed(double? value, int decimals) =>
        value is { } v ? Minus(v.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)) : Absent;

    /// <summary>A measured value of any size, four significant digits.</summary>
    public static string Value(double? value)
    {
        if (value is not { } v) return Absent;
        var size = Math.Abs(v);
        if (v == 0) return "0";
        return Minus(size is >= 1e5 or < 1e-3
            ? Power(v.ToString("0.000e+0", CultureInfo.InvariantCulture))
            : v.ToString(Decimals(size), CultureInfo.InvariantCulture));
    }

    /// <summary>Mean ± standard deviation, to the same decimal.</summary>
    public static string Spread(MeanAndSpread spread)
    {
        ArgumentNullException.ThrowIfNull(spread);
        if (spread is not { Mean: { } mean, StandardDeviation: { } deviation }) return Value(spread.Mean);
        var size = Math.Max(Math.Abs(mean), deviation);
        var power = size is > 0 and (>= 1e5 or < 1e-3) ? Math.Floor(Math.Log10(size)) : 0;
        var (factor, decimals) = (Math.Pow(10, power), power == 0 ? Decimals(size) : "F3");
        var both = $"{Minus((mean / factor).ToString(decimals, CultureInfo.InvariantCulture))} ± {(deviation / factor).ToString(decimals, CultureInfo.InvariantCulture)}";
        return power == 0 ? both : Power(FormattableString.Invariant($"({both})e{power}"));
    }

    /// <summary>A title within a sentence; abbreviations stay as they are.</summary>
    public static string Lower(string text) => text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    /// <summary>A sentence of the engine with true minus signs and thin spaces in its numbers.</summary>
    public static string Prose(string text) => GapPattern().Replace(MinusPattern().Replace(text, "−"), "\u202F");

    /// <summary>A p-value.</summary>
    public static string Probability(double? value) => value switch
    {
        null => Absent,
        < 0.00001 => "< 0.00001",
        < 0.001 => value.Value.ToString("F5", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F4", CultureInfo.InvariantCulture),
    };

    /// <summary>A share as per cent.</summary>
    public static string Percent(double? value) => value is { } v ? v.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "\u202F", StringComparison.Ordinal) : Absent;

    /// <summary>A share as per cent with two decimals.</summary>
    public static string PreciselyPercent(double? value) => value is { } v ? (100 * v).ToString("F2", CultureInfo.InvariantCulture) + "\u202F%" : Absent;

    /// <summary>A count with thin spaces: 29 233.</summary>
    public static string Count(long? value) => value is { } v ? v.ToString("N0", CultureInfo.InvariantCulture).Replace(",", "\u202F", StringComparison.Ordinal) : Absent;

    /// <summary>A large number in three digits: 3.40 M.</summary>
    public static string Compact(double? value) => value switch
    {
        null => Absent,
        >= 1e9 => Digits(value.Value / 1e9) + "\u202FG",
        >= 1e6 => Digits(value.Value / 1e6) + "\u202FM",
        >= 1e3 => Digits(value.Value / 1e3) + "\u202Fk",
        _ => value.Value.ToString("0.#", CultureInfo.InvariantCulture),
    };

    /// <summary>Bytes: 1.23 GB.</summary>
    public static string Bytes(long? value) => value is { } v ? Compact(v) + "B" : Absent;

    /// <summary>A weight decay.</summary>
    public static string Decay(double? value) => value is { } v ? Power(v.ToString("0.#####", CultureInfo.InvariantCulture)) : Absent;

    /// <summary>A duration in its two largest units.</summary>
    public static string Duration(TimeSpan? time) => time switch
    {
        null => Absent,
        { TotalSeconds: < 1 } => "under 1 s",
        { TotalMinutes: < 1 } t => $"{t.Seconds} s",
        { TotalHours: < 1 } t => $"{t.Minutes} min {t.Seconds:00} s",
        { TotalDays: < 1 } t => $"{t.Hours} h {t.Minutes:00} min",
        { } t => $"{t.Days} d {t.Hours} h",
    };

    /// <summary>How long ago.</summary>
    public static string Ago(DateTime? time, DateTime now) => time is not { } t ? Absent : (now - t) switch
    {
        { TotalSeconds: < 45 } => "just now",
        { TotalMinutes: < 60 } span => $"{Math.Max(1, (int)Math.Round(span.TotalMinutes))} min ago",
        { TotalHours: < 24 } span => $"{(int)span.TotalHours} h ago",
        var span => $"{(int)span.TotalDays} d ago",
    };

    /// <summary>What a kind of job is called.</summary>
    public static string Kind(JobKind kind) => kind switch
    {
        JobKind.PrepareDataset => "Prepare dataset",
        JobKind.TrainRun => "Train",
        JobKind.AnalyseCheckpoint => "Analyse",
        JobKind.PermutationTest => "Permutation test",
        JobKind.ImportResults => "Import results",
        JobKind.MeasureEmbeddings => "Measure embeddings",
        _ => "Import checkpoint",
    };

    // A hyphen before a number, not one within a name or between numbers.
    [GeneratedRegex(@"(?<![\w.)])-(?=\d)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MinusPattern();

    // Between thousands, and before a per cent sign.
    [GeneratedRegex(@"(?<=\d),(?=\d{3}(?!\d))|(?<=\d) (?=%)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GapPattern();

    // Four digits that count.
    private static string Decimals(double size) => size switch { 0 => "F0", >= 1000 => "F1", >= 100 => "F2", >= 10 => "F3", >= 0.1 => "F4", >= 0.01 => "F5", _ => "F6" };

    private static string Digits(double value) => value.ToString(value >= 100 ? "F0" : value >= 10 ? "F1" : "F2", CultureInfo.InvariantCulture);

    private static string Minus(string text) => text.Replace('-', '−');

    private static string Power(string text)
    {
        var at = text.IndexOf('e', StringComparison.Ordinal);
        return at < 0 ? text : $"{text[..at]} × 10{Superscript(text[(at + 1)..].TrimStart('+'))}";
    }

    private static string Superscript(string digits) => string.Concat(digits.Select(c => c switch
    {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' => '⁰',
        _ => (char)('⁴' + (c - '4')),
    }));
}
