using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>RᵀR added up block of rows by block: of its blocks of columns only the part above the diagonal is multiplied, two thirds of the work.</summary>
internal static class SymmetricProduct
{
    private const int ColumnsAtOnce = 256;

    /// <summary>Adds RᵀR, multiplied in the format of R [n, d], to the upper triangle of a float64 total [d, d]; what is below the diagonal is left unfinished.</summary>
    public static void Add(Tensor total, Tensor rows)
    {
        ForEachBlock(total, (first, columns) =>
        {
            var product = rows.narrow(1, 0, first + columns).t().mm(rows.narrow(1, first, columns));
            total.narrow(0, 0, first + columns).narrow(1, first, columns).add_(product);
        });
    }

    /// <summary>Copies the upper triangle to the lower one.</summary>
    public static void Finish(Tensor total)
    {
        using var noGradient = no_grad();
        ForEachBlock(total, (first, columns) =>
        {
            if (first > 0) total.narrow(0, first, columns).narrow(1, 0, first).copy_(total.narrow(0, 0, first).narrow(1, first, columns).t());
        });
    }

    private static void ForEachBlock(Tensor total, Action<long, long> action)
    {
        var dimension = total.shape[0];
        for (var first = 0L; first < dimension; first += ColumnsAtOnce)
        {
            using var scope = NewDisposeScope();
            action(first, Math.Min(ColumnsAtOnce, dimension - first));
        }
    }
}
