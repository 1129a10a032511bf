using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// What the pairwise sweep knows of every kept class: the class means [C, d] in float64 on the CPU, and per class the numbers that turn a
/// cosine into distances. The arrays are padded so that a vector load at any class stays inside them.
/// </summary>
internal sealed unsafe class PairClasses
{
    /// <summary>Means closer than this times the largest mean are equal: float64 rounding of a mean is some 2⁻⁵² of it.</summary>
    public const double RelativeCoincidence = 1.0 / (1L << 46);

    private readonly Tensor owner;
    private readonly double* means;

    public PairClasses(
        Tensor means, double[] globalMean, double[] norms, double[] uncentredNorms, double[] projections, double[] variances, double meanScale)
    {
        owner = means;
        this.means = TensorMemory.Pointer<double>(means);
        Count = (int)means.shape[0];
        Dimension = (int)means.shape[1];
        GlobalMean = globalMean;
        Norms = Pad(norms);
        UncentredNorms = Pad(uncentredNorms, padding: 1);
        LogUncentredNorms = Pad(Array.ConvertAll(uncentredNorms, Math.Log));
        Projections = Pad(projections);
        Variances = Pad(Array.ConvertAll(variances, variance => double.IsNaN(variance) ? 0 : variance));
        Weights = Pad(Array.ConvertAll(variances, variance => double.IsNaN(variance) ? 0.0 : 1.0));
        CoincidenceTolerance = RelativeCoincidence * meanScale;
    }

    public int Count { get; }

    public int Dimension { get; }

    /// <summary>μ̄ [d].</summary>
    public double[] GlobalMean { get; }

    /// <summary>‖m_c‖.</summary>
    public double[] Norms { get; }

    /// <summary>‖μ_c‖.</summary>
    public double[] UncentredNorms { get; }

    /// <summary>ln ‖μ_c‖.</summary>
    public double[] LogUncentredNorms { get; }

    /// <summary>‖μ_c‖² − ‖μ̄‖² = ‖m_c‖² + 2 m_c·μ̄, from centred means, so that differences of uncentred norms keep their digits far from the origin.</summary>
    public double[] Projections { get; }

    /// <summary>s²_c, 0 where undefined.</summary>
    public double[] Variances { get; }

    /// <summary>1 where s²_c is defined, else 0: pairs with an undefined variance are left out of CDNV.</summary>
    public double[] Weights { get; }

    /// <summary>Two means nearer than this are equal to rounding.</summary>
    public double CoincidenceTolerance { get; }

    /// <summary>‖μ_a − μ_b‖² from explicit differences.</summary>
    public double SquaredDistance(int a, int b) => SquaredDifference(a, 1, b, 1, centred: false);

    /// <summary>‖u_a − u_b‖² from explicit differences.</summary>
    public double SquaredDistanceOfDirections(int a, int b) => SquaredDifference(a, 1 / Norms[a], b, 1 / Norms[b], centred: true);

    /// <summary>The same for uncentred means.</summary>
    public double SquaredDistanceOfUncentredDirections(int a, int b) =>
        SquaredDifference(a, 1 / UncentredNorms[a], b, 1 / UncentredNorms[b], centred: false);

    private double SquaredDifference(int classA, double scaleA, int classB, double scaleB, bool centred)
    {
        var a = means + ((long)classA * Dimension);
        var b = means + ((long)classB * Dimension);
        fixed (double* global = GlobalMean)
        {
            var total = Vector512<double>.Zero;
            var k = 0;
            for (; k <= Dimension - Vector512<double>.Count; k += Vector512<double>.Count)
            {
                var centre = centred ? Vector512.Load(global + k) : Vector512<double>.Zero;
                var difference = ((Vector512.Load(a + k) - centre) * scaleA) - ((Vector512.Load(b + k) - centre) * scaleB);
                total += difference * difference;
            }
            var sum = Vector512.Sum(total);
            for (; k < Dimension; k++)
            {
                var centre = centred ? global[k] : 0;
                var difference = ((a[k] - centre) * scaleA) - ((b[k] - centre) * scaleB);
                sum += difference * difference;
            }
            GC.KeepAlive(owner);
            return sum;
        }
    }

    private static double[] Pad(double[] values, double padding = 0)
    {
        var padded = new double[values.Length + Vector512<double>.Count];
        values.CopyTo(padded, 0);
        Array.Fill(padded, padding, values.Length, Vector512<double>.Count);
        return padded;
    }
}
