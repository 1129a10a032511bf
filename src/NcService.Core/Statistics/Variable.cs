namespace NcService.Core.Statistics;

/// <summary>A named column of numbers, one for each row (run).</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Values">[rows]; NaN where the value is missing.</param>
public sealed record Variable(string Name, double[] Values);

/// <summary>What a correlation or test holds fixed.</summary>
public sealed record HeldFixed
{
    /// <summary>Nothing is held fixed.</summary>
    public static HeldFixed Nothing { get; } = new();

    /// <summary>Columns whose straight-line part is taken out of both sides by regression, such as ln parameters.</summary>
    public IReadOnlyList<Variable> Covariates { get; init; } = [];

    /// <summary>
    /// A label for each row, such as its architecture, or null without strata: only differences within a stratum count, and only rows of one
    /// stratum are exchanged. A row whose label is null is left out.
    /// </summary>
    public IReadOnlyList<string?>? Strata { get; init; }
}

/// <summary>A row that a result does not use.</summary>
/// <param name="Row">Its index, from 0.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record LeftOutRow(int Row, string Reason);
