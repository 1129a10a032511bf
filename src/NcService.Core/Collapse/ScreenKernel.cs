using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Collapse;

/// <summary>
/// The sweep over rounded scores that leaves, per sample, the few classes that can still be the best.
/// <para>
/// The bound. A score is s = h·v − b. Both vectors are rounded, to ĥ and v̂, and
/// ĥ·v̂ − h·v = (ĥ − h)·v̂ + h·(v̂ − v), which is at most ‖ĥ − h‖‖v̂‖ + ‖h‖‖v̂ − v‖ (Cauchy and Schwarz); all four norms are known in float64.
/// The product S of the rounded vectors is exact where they are integers. In float32 it is a sum of d products in whatever order: off by at most γ‖ĥ‖‖v̂‖,
/// γ = 1.01·(d + 1)·2⁻²³ (twice the unit roundoff, so that it holds for any direction of rounding). Scaling S, subtracting b and computing the bound itself
/// in float32 costs less than 2⁻²¹(|S| + b) and a factor 1 + 2⁻¹⁰. So with
/// e = (1 + 2⁻¹⁰)((‖ĥ − h‖ + γ‖ĥ‖)‖v̂‖ + ‖h‖‖v̂ − v‖ + 2⁻²¹(|S| + max b)), and a little for float64's own rounding and for numbers that are flushed to zero, |S − b − s| ≤ e.
/// A class is out when S − b + e is below the largest S − b − e: another class surely scores higher. A bound that is NaN leaves its class in.
/// </para>
/// </summary>
internal static unsafe class ScreenKernel
{
    /// <summary>Classes of one vector; tiles are padded to a multiple of it.</summary>
    public const int Lanes = 16;

    private const double Slack = 1 + (1.0 / 1024);
    private const double Float32Rounding = 1.0 / (1 << 21);
    private const double Float64Rounding = 1e-15;
    private const double Flushed = 1e-30;

    /// <summary>A sample's factors of the bound.</summary>
    /// <param name="norm">‖h‖.</param>
    /// <param name="error">‖ĥ − h‖.</param>
    /// <param name="accumulation">γ; 0 for integers.</param>
    /// <param name="largestBias">max b over the classes that can be chosen.</param>
    public static ScreenedSample Bound(double norm, double error, double accumulation, double largestBias) => new(
        (float)(Slack * (error + (accumulation * (norm + error)) + (Float64Rounding * norm) + Flushed)),
        (float)(Slack * norm),
        (float)(Slack * ((Float32Rounding * largestBias) + (Flushed * norm) + Flushed)));

    /// <summary>γ of a float32 product over d terms.</summary>
    public static double Accumulation(int dimension) => 1.01 * (dimension + 1) * Math.ScaleB(1, -23);

    /// <summary>Takes one sample's scores of the classes [first, first + count); the count is a multiple of 16.</summary>
    public static void Sweep<TScores>(
        in TScores scores, int first, int count, in ScreenedSample sample, in ScreenedClasses classes, ScreenedCandidates candidates)
        where TScores : struct, IScores
    {
        // Copies, which nothing that is written in the loop can change: they stay in registers.
        var (own, ofClasses, factors) = (scores, classes, new Factors(sample));
        var noBound = Vector512.Create(float.NegativeInfinity);

        // The first classes of a sample are compared with the best of themselves, all others with the best of those before.
        if (candidates.Lower == float.NegativeInfinity)
        {
            var best = noBound;
            for (var i = 0; i < count; i += Lanes)
            {
                var (score, error) = Score(own, i, first + i, factors, ofClasses);
                best = Vector512.MaxNative(score - error, best);
            }
            candidates.Lower = Highest(best);
        }
        var lower = Vector512.Create(candidates.Lower);
        var largest = noBound;
        for (var i = 0; i < count; i += Lanes)
        {
            var (score, error) = Score(own, i, first + i, factors, ofClasses);
            largest = Vector512.MaxNative(score - error, largest);
            var upper = score + error;
            var remaining = (~Vector512.LessThan(upper, lower)).ExtractMostSignificantBits();
            if (remaining != 0) Add(candidates, first + i, upper, remaining, ofClasses);
        }
        candidates.Lower = MathF.Max(candidates.Lower, Highest(largest));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(ScreenedCandidates candidates, int first, Vector512<float> uppers, ulong remaining, in ScreenedClasses classes)
    {
        // A bound that is NaN or infinite must not let in what cannot be chosen.
        remaining &= Vector512.LessThan(Vector512.Load(classes.Biases + first), Vector512.Create(float.PositiveInfinity)).ExtractMostSignificantBits();
        for (; remaining != 0; remaining &= remaining - 1)
        {
            var lane = BitOperations.TrailingZeroCount(remaining);
            candidates.Add(first + lane, uppers[lane]);
        }
    }

    private static float Highest(Vector512<float> values)
    {
        var eight = Vector256.Max(values.GetLower(), values.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Score, Vector512<float> Error) Score<TScores>(
        in TScores scores, int column, int c, in Factors factors, in ScreenedClasses classes)
        where TScores : struct, IScores
    {
        var product = scores.Load(column, c);
        var error = Vector512.FusedMultiplyAdd(factors.OfNorm, Vector512.Load(classes.Norms + c), factors.Constant);
        error = Vector512.FusedMultiplyAdd(factors.OfError, Vector512.Load(classes.Errors + c), error);
        error = Vector512.FusedMultiplyAdd(Vector512.Create((float)(Slack * Float32Rounding)), Vector512.Abs(product), error);
        return (product - Vector512.Load(classes.Biases + c), error);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Factors(in ScreenedSample sample)
    {
        public readonly Vector512<float> OfNorm = Vector512.Create(sample.OfNorm);
        public readonly Vector512<float> OfError = Vector512.Create(sample.OfError);
        public readonly Vector512<float> Constant = Vector512.Create(sample.Constant);
    }
}

/// <summary>Where a sample's products with classes lie.</summary>
internal interface IScores
{
    /// <summary>S of sixteen classes, of which the first is column <paramref name="column"/> of the tile and class <paramref name="c"/>.</summary>
    Vector512<float> Load(int column, int c);
}

/// <summary>A row of a float32 tile.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct FloatScores(float* row) : IScores
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Load(int column, int c) => Vector512.Load(row + column);
}

/// <summary>A row of integer products of bytes, with what turns them into numbers: (integer − offset of the class) · scale of the class · scale of the sample.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct ByteScores(int* row, int* offsets, float* scales, float sampleScale) : IScores
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Load(int column, int c) =>
        Vector512.ConvertToSingle(Vector512.Load(row + column) - Vector512.Load(offsets + c)) * Vector512.Load(scales + c) * sampleScale;
}

/// <summary>A sample's factors of the bound: of ‖v̂‖, of ‖v̂ − v‖, and what every class shares.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ScreenedSample(float OfNorm, float OfError, float Constant);

/// <summary>Per class b (+∞ where it cannot be chosen), ‖v̂‖ and ‖v̂ − v‖.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct ScreenedClasses(float* biases, float* norms, float* errors)
{
    public readonly float* Biases = biases;
    public readonly float* Norms = norms;
    public readonly float* Errors = errors;
}
