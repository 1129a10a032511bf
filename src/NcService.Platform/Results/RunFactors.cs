using NcService.Core;
using NcService.Core.Statistics;

namespace NcService.Platform.Results;

/// <summary>The settings of runs that a correlation or test can hold fixed, by name.</summary>
public static class RunFactors
{
    private static readonly Dictionary<string, Func<ResultRow, double?>> s_numbers = new(StringComparer.Ordinal)
    {
        ["width"] = row => row.Width,
        ["depth"] = row => row.Depth,
        ["epochs"] = row => row.Epochs,
        ["weightDecay"] = row => row.WeightDecay,
        ["logParameters"] = row => row.ParameterCount > 0 ? Math.Log(row.ParameterCount) : null,
    };

    /// <summary>Names that stand for several settings at once.</summary>
    private static readonly Dictionary<string, string[]> s_combinations = new(StringComparer.Ordinal)
    {
        ["architecture"] = ["depth", "width"],
        ["configuration"] = ["depth", "width", "epochs", "weightDecay"],
    };

    /// <summary>What regression can hold fixed: width, depth, epochs, weightDecay, logParameters.</summary>
    public static IReadOnlyCollection<string> Covariates => s_numbers.Keys;

    /// <summary>What runs can be kept apart by: a setting, architecture (depth and width) or configuration (everything but the seed).</summary>
    public static IReadOnlyList<string> Strata { get; } = [.. s_combinations.Keys, .. s_numbers.Keys.Where(name => name != "logParameters")];

    /// <summary>What is to be held fixed over runs.</summary>
    /// <param name="rows">The runs.</param>
    /// <param name="covariates">Names of <see cref="Covariates"/>.</param>
    /// <param name="within">Names of <see cref="Strata"/>; runs are of one stratum where they agree in all of them. None makes no strata.</param>
    /// <exception cref="InputException">A name is unknown.</exception>
    public static HeldFixed HeldFixed(IReadOnlyList<ResultRow> rows, IReadOnlyList<string> covariates, IReadOnlyList<string> within)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(covariates);
        ArgumentNullException.ThrowIfNull(within);
        foreach (var name in covariates.Where(name => !s_numbers.ContainsKey(name)))
            throw new InputException($"There is no covariate '{name}'; possible: {string.Join(", ", Covariates)}.");
        foreach (var name in within.Where(name => !Strata.Contains(name)))
            throw new InputException($"Runs cannot be kept within '{name}'; possible: {string.Join(", ", Strata)}.");
        return new HeldFixed
        {
            Covariates = [.. covariates.Distinct().Select(name => new Variable(name, [.. rows.Select(row => s_numbers[name](row) ?? double.NaN)]))],
            Strata = within.Count == 0 ? null : [.. rows.Select(row => Label(row, within))],
        };
    }

    /// <summary>A run's stratum, such as "depth 2, width 768"; null where one of the settings is unknown.</summary>
    /// <exception cref="InputException">A name is unknown.</exception>
    public static string? Label(ResultRow row, IReadOnlyList<string> within)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(within);
        var names = within.SelectMany(name => s_combinations.GetValueOrDefault(name) ?? [name]).Distinct().ToList();
        if (names.Find(name => !s_numbers.ContainsKey(name)) is { } unknown)
            throw new InputException($"Runs cannot be told apart by '{unknown}'; possible: {string.Join(", ", Strata)}.");
        var values = names.ConvertAll(name => s_numbers[name](row));
        return values.Contains(null) ? null : string.Join(", ", names.Zip(values, (name, value) => FormattableString.Invariant($"{name} {value}")));
    }

    /// <summary>What is held fixed, in words.</summary>
    public static IReadOnlyList<string> Words(IReadOnlyList<string> covariates, IReadOnlyList<string> within) =>
        [.. covariates.Select(name => name == "logParameters" ? "ln parameters" : name), .. within];
}
