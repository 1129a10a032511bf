namespace NcService.Core.Collapse;

/// <summary>
/// <see cref="PairClasses"/>' numbers per class in float32, lengths in units of the largest ‖m_c‖ and variances in units of the largest, so that no square or
/// quotient of them leaves float32's range; padded so that a vector load at any class stays inside.
/// </summary>
internal sealed unsafe class SinglePairClasses
{
    private const int Lanes = 16;

    private readonly PinnedArray<float> norms;
    private readonly PinnedArray<float> uncentredNorms;
    private readonly PinnedArray<float> logUncentredNorms;
    private readonly PinnedArray<float> projections;
    private readonly PinnedArray<float> variances;
    private readonly PinnedArray<float> weights;

    public SinglePairClasses(PairClasses classes)
    {
        Unit = Positive(classes.Norms.Max());
        VarianceUnit = Positive(classes.Variances.Max());
        norms = Scaled(classes.Norms, classes.Count, 1 / Unit);
        uncentredNorms = Scaled(classes.UncentredNorms, classes.Count, 1 / Unit, padding: 1);
        logUncentredNorms = Scaled(Array.ConvertAll(classes.UncentredNorms, norm => Math.Log(norm / Unit)), classes.Count, 1);
        projections = Scaled(classes.Projections, classes.Count, 1 / (Unit * Unit));
        variances = Scaled(classes.Variances, classes.Count, 1 / VarianceUnit);
        weights = Scaled(classes.Weights, classes.Count, 1);
    }

    /// <summary>The unit of length.</summary>
    public double Unit { get; }

    /// <summary>The unit of variances.</summary>
    public double VarianceUnit { get; }

    public float* Norms => norms.Address;

    public float* UncentredNorms => uncentredNorms.Address;

    public float* LogUncentredNorms => logUncentredNorms.Address;

    public float* Projections => projections.Address;

    public float* Variances => variances.Address;

    public float* Weights => weights.Address;

    private static double Positive(double unit) => unit > 0 ? unit : 1;

    private static PinnedArray<float> Scaled(double[] values, int count, double scale, float padding = 0)
    {
        var scaled = new PinnedArray<float>(count + Lanes);
        scaled.Values[count..].Fill(padding);
        for (var c = 0; c < count; c++) scaled.Values[c] = (float)(values[c] * scale);
        return scaled;
    }
}
