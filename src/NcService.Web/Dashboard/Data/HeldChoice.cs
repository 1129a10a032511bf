using NcService.Platform.Results;

namespace NcService.Web.Dashboard.Data;

/// <summary>What a reader wants held fixed, as an address names it.</summary>
/// <param name="Covariates">Held fixed by regression: names of <see cref="RunFactors.Covariates"/>.</param>
/// <param name="Within">Only runs that agree in these are compared: names of <see cref="RunFactors.Strata"/>.</param>
public sealed record HeldChoice(IReadOnlyList<string> Covariates, IReadOnlyList<string> Within)
{
    /// <summary>Nothing.</summary>
    public static HeldChoice Nothing { get; } = new([], []);

    /// <summary>True where nothing is held fixed.</summary>
    public bool IsNothing => Covariates.Count + Within.Count == 0;

    /// <summary>The same in few words, such as "ln parameters by regression; width and depth by strata".</summary>
    public string Words => IsNothing ? "nothing"
        : string.Join("; ", new[] { (Names: Covariates, How: "by regression"), (Names: Within, How: "by strata") }.Where(part => part.Names.Count > 0).Select(part => $"{string.Join(", ", part.Names.Select(Title))} {part.How}"));

    /// <summary>Reads names separated by commas; those that do not exist are passed over.</summary>
    public static HeldChoice Read(string? covariates, string? within) => new(Known(covariates, RunFactors.Covariates), Known(within, RunFactors.Strata));

    /// <summary>What a name is called.</summary>
    public static string Title(string name) => name switch
    {
        "logParameters" => "ln parameters",
        "weightDecay" => "weight decay",
        "architecture" => "width and depth",
        "configuration" => "all but the seed",
        _ => name,
    };

    /// <summary>True where both hold the same fixed.</summary>
    public bool IsSameAs(IReadOnlyList<string> covariates, IReadOnlyList<string> within) => Covariates.ToHashSet().SetEquals(covariates) && Within.ToHashSet().SetEquals(within);

    private static string[] Known(string? names, IEnumerable<string> possible) => [.. possible.Intersect((names ?? "").Split(','))];
}
