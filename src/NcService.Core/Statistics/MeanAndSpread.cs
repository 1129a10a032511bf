using MathNet.Numerics.Distributions;

namespace NcService.Core.Statistics;

/// <summary>Mean and spread of one quantity over repetitions, such as seeds.</summary>
public sealed record MeanAndSpread
{
    /// <summary>How many finite values there are.</summary>
    public required int Count { get; init; }

    /// <summary>How many values are missing or infinite.</summary>
    public required int Missing { get; init; }

    /// <summary>Arithmetic mean; null without values.</summary>
    public double? Mean { get; init; }

    /// <summary>Sample standard deviation, dividing by n − 1; null below 2 values.</summary>
    public double? StandardDeviation { get; init; }

    /// <summary>Student's 95 % interval of the mean, which takes the values to be normal; null below 2 values.</summary>
    public Interval? MeanInterval95 { get; init; }

    /// <summary>Smallest value; null without values.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest value; null without values.</summary>
    public double? Maximum { get; init; }

    /// <summary>Mean and spread of the finite values.</summary>
    public static MeanAndSpread Of(ReadOnlySpan<double> values)
    {
        var finite = Array.FindAll(values.ToArray(), double.IsFinite);
        var result = new MeanAndSpread { Count = finite.Length, Missing = values.Length - finite.Length };
        if (finite.Length == 0) return result;
        var centred = CentredColumn.Of(finite);
        var mean = centred?.Mean ?? finite[0];
        result = result with { Mean = mean, Minimum = finite.Min(), Maximum = finite.Max() };
        if (finite.Length < 2) return result;
        var deviation = (centred?.Length ?? 0) / Math.Sqrt(finite.Length - 1);
        var reach = StudentT.InvCDF(0, 1, finite.Length - 1, 0.975) * deviation / Math.Sqrt(finite.Length);
        return result with { StandardDeviation = deviation, MeanInterval95 = new Interval(mean - reach, mean + reach) };
    }
}
