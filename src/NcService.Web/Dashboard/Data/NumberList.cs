using System.Globalization;
using System.Numerics;

namespace NcService.Web.Dashboard.Data;

/// <summary>Lists of numbers as people type them: <c>64, 128, 256</c>, and ranges such as <c>0-7</c> for whole numbers.</summary>
public static class NumberList
{
    private const int MostInRange = 1000;

    /// <summary>Writes a list; whole numbers in a row as a range.</summary>
    public static string Write(IReadOnlyList<int> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var consecutive = values.Count > 2 && values.Zip(values.Skip(1)).All(pair => pair.Second == pair.First + 1);
        return consecutive ? $"{values[0]}-{values[^1]}" : string.Join(", ", values);
    }

    /// <summary>Writes a list.</summary>
    public static string Write(IReadOnlyList<double> values) => string.Join(", ", values.Select(value => value.ToString("0.##########", CultureInfo.InvariantCulture)));

    /// <summary>Reads whole numbers, each once, in the order typed.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="values">The numbers; those that could be read where some could not.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Read(string text, out IReadOnlyList<int> values)
    {
        var found = new List<int>();
        values = found;
        foreach (var item in Items(text))
        {
            var range = item.Split('-');
            if (range.Length == 2 && Parse<int>(range[0]) is { } from && Parse<int>(range[1]) is { } to)
            {
                if (to < from || to - from >= MostInRange) return $"“{item}” is not a range of at most {MostInRange} numbers.";
                found.AddRange(Enumerable.Range(from, to - from + 1));
            }
            else if (Parse<int>(item) is { } value) found.Add(value);
            else return $"“{item}” is not a whole number.";
        }
        values = [.. found.Distinct()];
        return found.Count == 0 ? "At least one number is needed." : null;
    }

    /// <summary>Reads numbers, each once, in the order typed.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="values">The numbers; those that could be read where some could not.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Read(string text, out IReadOnlyList<double> values)
    {
        var found = new List<double>();
        values = found;
        foreach (var item in Items(text))
        {
            if (Parse<double>(item) is not { } value || !double.IsFinite(value)) return $"“{item}” is not a number.";
            found.Add(value);
        }
        values = [.. found.Distinct()];
        return found.Count == 0 ? "At least one number is needed." : null;
    }

    private static string[] Items(string text) => text.Split([',', ' ', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static T? Parse<T>(string text)
        where T : struct, INumber<T> =>
        T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
}
