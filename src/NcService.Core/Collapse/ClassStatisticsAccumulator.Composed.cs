using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>The same sums by torch's operators, for devices other than the CPU.</summary>
public sealed partial class ClassStatisticsAccumulator
{
    private void AddComposed(Tensor features, ReadOnlySpan<long> ids)
    {
        var (classIds, rowToClass, classCounts) = Group(ids);
        var classes = tensor(classIds, device: device);
        var rows = tensor(rowToClass, device: device);
        var added = tensor(classCounts, device: device);

        // Two passes over the batch: its class means, then residuals about them.
        var x = features.detach().to(ScalarType.Float64, device);                                  // (n, d)
        var batchMeans = zeros(classIds.Length, dimension, dtype: ScalarType.Float64, device: device).index_add_(0, rows, x, 1)
            .div_(added.to(ScalarType.Float64).unsqueeze(1));                                       // (P, d)
        var residuals = x.sub(batchMeans.index_select(0, rows));                                    // (n, d)
        var squares = residuals.square().sum(1);                                                    // (n)
        if (!double.IsFinite(squares.sum().item<double>())) throw BatchChecks.NotFinite(features, "embeddings", SampleCount);
        var scatter = zeros(classIds.Length, dtype: ScalarType.Float64, device: device).index_add_(0, rows, squares, 1);
        var between = MergeClasses(classes, added, batchMeans, scatter);                            // (P, d)

        if (!collectsCovariance) return;
        var all = cat([Masked(residuals, classes.index_select(0, rows)), Masked(between, classes)], 0);
        if (features.dtype != ScalarType.Float64) all = all.to(ScalarType.Float32);
        SymmetricProduct.Add(covarianceSum, all);
    }

    /// <summary>The distinct classes of a batch, for each row the index of its class among them, and their counts.</summary>
    private (long[] Classes, long[] RowToClass, long[] Counts) Group(ReadOnlySpan<long> ids)
    {
        var classes = new List<long>();
        var rowToClass = new long[ids.Length];
        var classCounts = new long[ids.Length];
        for (var row = 0; row < ids.Length; row++)
        {
            ref var local = ref localIds[ids[row]];
            if (local < 0)
            {
                local = classes.Count;
                classes.Add(ids[row]);
            }
            rowToClass[row] = local;
            classCounts[local]++;
        }
        foreach (var id in classes) localIds[id] = -1;
        return ([.. classes], rowToClass, classCounts[..classes.Count]);
    }
}
