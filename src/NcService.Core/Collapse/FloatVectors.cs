using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>The vectors that samples are scored with, [K, d], rounded to float32, and torch's product of them with samples.</summary>
internal sealed unsafe class FloatVectors : IDisposable
{
    private readonly int classes;
    private readonly int count;
    private readonly int dimension;
    private readonly int tileClasses;
    private readonly double[]? centre;
    private readonly Tensor rounded;   // (P, d)
    private readonly PinnedArray<float> norms;
    private readonly PinnedArray<float> errors;

    /// <summary>Rounds vectors.</summary>
    /// <param name="vectors">[K, d] float64, contiguous on the CPU.</param>
    /// <param name="centre">What is subtracted from each vector and sample: d numbers; null for nothing.</param>
    /// <param name="classTile">Classes scored at once.</param>
    public FloatVectors(Tensor vectors, double[]? centre, int classTile)
    {
        (classes, dimension) = ((int)vectors.shape[0], (int)vectors.shape[1]);
        this.centre = centre;
        tileClasses = PinnedArray<float>.Padded(classTile);
        count = PinnedArray<float>.Padded(classes);
        rounded = zeros(count, dimension, dtype: ScalarType.Float32).DetachFromDisposeScope();
        (norms, errors) = (new PinnedArray<float>(count), new PinnedArray<float>(count));
        var source = TensorMemory.Pointer<double>(vectors);
        var target = TensorMemory.Pointer<float>(rounded);
        CpuParallel.For(classes, c =>
        {
            var (norm, error) = Round(source + (c * dimension), target + (c * dimension));
            norms.Values[(int)c] = (float)(norm + error);
            errors.Values[(int)c] = (float)error;
        });
        GC.KeepAlive(vectors);
    }

    /// <summary>Leaves each rule's candidates for samples [n, d], and adds their scores to the losses where there are any.</summary>
    public void Screen<T>(T* samples, int rows, ScreenedRule[] rules, CrossEntropySums? losses)
        where T : unmanaged
    {
        using var scope = NewDisposeScope();
        var h = empty(rows, dimension, dtype: ScalarType.Float32);                       // (n, d)
        var buffer = empty((long)rows * Math.Min(tileClasses, count), dtype: ScalarType.Float32);
        var target = TensorMemory.Pointer<float>(h);
        var tile = TensorMemory.Pointer<float>(buffer);
        var measured = new (double Norm, double Error)[rows];
        CpuParallel.For(rows, i => measured[i] = Round(samples + (i * dimension), target + (i * dimension)));
        var accumulation = ScreenKernel.Accumulation(dimension);
        for (var first = 0; first < count; first += tileClasses)
        {
            var columns = Math.Min(tileClasses, count - first);
            using (NewDisposeScope())
            {
                buffer.narrow(0, 0, (long)rows * columns).view(rows, columns).addmm_(h, rounded.narrow(0, first, columns).t(), beta: 0, alpha: 1);
            }
            var firstClass = first;
            CpuParallel.For(rows, i =>
            {
                var row = tile + (i * columns);
                foreach (var rule in rules)
                {
                    var bound = ScreenKernel.Bound(measured[i].Norm, measured[i].Error, accumulation, rule.LargestBias);
                    ScreenKernel.Sweep(new FloatScores(row), firstClass, columns, bound, new ScreenedClasses(rule.Biases.Address, norms.Address, errors.Address), rule[i]);
                }
                losses?.Add((int)i, row, firstClass, Math.Min(columns, classes - firstClass));
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => rounded.Dispose();

    /// <summary>Rounds a row and measures it: its norm and how far rounding moved it.</summary>
    private (double Norm, double Error) Round<T>(T* row, float* target)
        where T : unmanaged
    {
        double squares = 0, lost = 0;
        for (var k = 0; k < dimension; k++)
        {
            var exact = FeatureElements.Get(row + k) - (centre is null ? 0 : centre[k]);
            target[k] = (float)exact;
            squares += exact * exact;
            lost += (target[k] - exact) * (target[k] - exact);
        }
        return (Math.Sqrt(squares), Math.Sqrt(lost));
    }
}
