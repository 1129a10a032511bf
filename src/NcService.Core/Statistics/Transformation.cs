namespace NcService.Core.Statistics;

/// <summary>What a column is turned into before it is correlated.</summary>
public enum Transformation
{
    /// <summary>The values as they are.</summary>
    None,

    /// <summary>Natural logarithms; a value not above 0 has none.</summary>
    Log,

    /// <summary>Ranks from 1, ties sharing the mean of their ranks: Pearson's r of ranks is Spearman's ρ.</summary>
    Rank,
}

/// <summary>Turns columns into what is correlated, and names them as such.</summary>
public static class Transformations
{
    /// <summary>What the transformed column is called: "ln cdnv", "rank of cdnv".</summary>
    public static string NameOf(this Transformation transformation, string name) => transformation switch
    {
        Transformation.Log => $"ln {name}",
        Transformation.Rank => $"rank of {name}",
        _ => name,
    };

    /// <summary>
    /// Both columns transformed. Ranks are taken among the rows in which everything has a value, what is held fixed included; elsewhere they are NaN.
    /// </summary>
    public static (Variable X, Variable Y) Apply(Variable x, Transformation ofX, Variable y, Transformation ofY, HeldFixed held)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(held);
        (x, y) = (Logarithms(x, ofX), Logarithms(y, ofY));
        if (ofX != Transformation.Rank && ofY != Transformation.Rank) return (x, y);
        var rows = CompleteRows.Of([x, y, .. held.Covariates], held.Strata).Rows;
        return (RanksAmong(rows, x, ofX), RanksAmong(rows, y, ofY));
    }

    private static Variable Logarithms(Variable variable, Transformation transformation) => transformation == Transformation.Log
        ? new Variable(transformation.NameOf(variable.Name), Array.ConvertAll(variable.Values, value => value > 0 ? Math.Log(value) : double.NaN))
        : variable;

    private static Variable RanksAmong(int[] rows, Variable variable, Transformation transformation)
    {
        if (transformation != Transformation.Rank) return variable;
        var ranks = Ranks.Of(Array.ConvertAll(rows, row => variable.Values[row]));
        var values = new double[variable.Values.Length];
        Array.Fill(values, double.NaN);
        for (var i = 0; i < rows.Length; i++) values[rows[i]] = ranks[i];
        // Rows left out for another column keep their value, so that the reason names that column.
        for (var row = 0; row < values.Length; row++)
        {
            if (double.IsNaN(values[row])) values[row] = variable.Values[row];
        }
        return new Variable(transformation.NameOf(variable.Name), values);
    }
}
