using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Collapse;

/// <summary>Rounds vectors to bytes with one scale each, eight entries at a time in float64.</summary>
internal static unsafe class ByteRounding
{
    /// <summary>Entries that lie beside each other; the groups lie apart.</summary>
    public const int GroupSize = 4;

    private const int LargestByte = 127;

    /// <summary>Rounds a row, or its difference from a centre, and measures what rounding did.</summary>
    /// <param name="row">d numbers, float32 or float64.</param>
    /// <param name="centre">What is subtracted: d numbers; null for nothing.</param>
    /// <param name="dimension">d.</param>
    /// <param name="target">Where the first group's bytes go.</param>
    /// <param name="stride">Bytes from a group to the next.</param>
    /// <param name="offset">What is added to every byte.</param>
    public static RoundedRow Round<T>(T* row, double[]? centre, int dimension, byte* target, int stride, int offset)
        where T : unmanaged
    {
        fixed (double* centres = centre)
        {
            var most = Vector512<double>.Zero;
            var whole = dimension / Vector512<double>.Count * Vector512<double>.Count;
            for (var k = 0; k < whole; k += Vector512<double>.Count) most = Vector512.Max(most, Vector512.Abs(Load(row, centres, k)));
            var largest = 0.0;
            for (var lane = 0; lane < Vector512<double>.Count; lane++) largest = Math.Max(largest, most[lane]);
            for (var k = whole; k < dimension; k++) largest = Math.Max(largest, Math.Abs(Entry(row, centres, k)));

            // As float32 holds it, so that scaled integers are what the bound is about.
            double scale = (float)(largest / LargestByte);
            Vector512<double> norms = default, roundedNorms = default, errors = default, sums = default;
            var (scales, limit) = (Vector512.Create(scale), Vector512.Create((double)LargestByte));
            for (var k = 0; k < whole; k += Vector512<double>.Count)
            {
                var exact = Load(row, centres, k);
                var integers = scale > 0 ? Vector512.Max(Vector512.Min(Vector512.Round(exact / scales), limit), -limit) : default;
                var rounded = integers * scales;
                norms += exact * exact;
                roundedNorms += rounded * rounded;
                errors += (rounded - exact) * (rounded - exact);
                sums += integers;
                var bytes = Vector512.ConvertToInt64Native(integers + Vector512.Create((double)offset));
                var shorts = Vector256.Narrow(Vector512.Narrow(bytes, bytes).GetLower(), default);
                var eight = Vector128.Narrow(shorts.GetLower(), default).AsUInt32();
                var group = target + ((long)(k / GroupSize) * stride);
                *(uint*)group = eight[0];
                *(uint*)(group + stride) = eight[1];
            }
            var total = new RoundedRow(scale, Vector512.Sum(norms), Vector512.Sum(roundedNorms), Vector512.Sum(errors), (int)Vector512.Sum(sums));
            for (var k = whole; k < dimension; k++)
            {
                var exact = Entry(row, centres, k);
                var integer = scale > 0 ? (int)Math.Clamp(Math.Round(exact / scale), -LargestByte, LargestByte) : 0;
                var rounded = integer * scale;
                target[((long)(k / GroupSize) * stride) + (k % GroupSize)] = (byte)(integer + offset);
                total = new RoundedRow(
                    scale, total.Norm + (exact * exact), total.RoundedNorm + (rounded * rounded), total.Error + ((rounded - exact) * (rounded - exact)), total.Sum + integer);
            }
            return total with { Norm = Math.Sqrt(total.Norm), RoundedNorm = Math.Sqrt(total.RoundedNorm), Error = Math.Sqrt(total.Error) };
        }
    }

    private static Vector512<double> Load<T>(T* row, double* centres, int k)
        where T : unmanaged
    {
        var entries = typeof(T) == typeof(double)
            ? Vector512.Load((double*)row + k)
            : Vector512.WidenLower(Vector512.Create(Vector256.Load((float*)row + k), default));
        return centres is null ? entries : entries - Vector512.Load(centres + k);
    }

    private static double Entry<T>(T* row, double* centres, int k)
        where T : unmanaged => FeatureElements.Get(row + k) - (centres is null ? 0 : centres[k]);
}

/// <summary>What became of a row h that was rounded to ĥ.</summary>
/// <param name="Scale">What a byte counts.</param>
/// <param name="Norm">‖h‖.</param>
/// <param name="RoundedNorm">‖ĥ‖.</param>
/// <param name="Error">‖ĥ − h‖.</param>
/// <param name="Sum">The sum of the integers.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RoundedRow(double Scale, double Norm, double RoundedNorm, double Error, int Sum);
