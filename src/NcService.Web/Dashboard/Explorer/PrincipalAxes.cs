using System.Numerics.Tensors;

namespace NcService.Web.Dashboard.Explorer;

/// <summary>The directions in which class means spread most: principal components, by orthogonal iteration.</summary>
public static class PrincipalAxes
{
    private const int Iterations = 60;

    // A few more than are wanted: the wanted ones settle sooner.
    private const int Spare = 5;

    /// <summary>Projects centred class means, m_c = ‖m_c‖ u_c, onto their first principal components.</summary>
    /// <param name="table">The classes.</param>
    /// <param name="components">Components wanted.</param>
    /// <returns>Coordinates of each class [|C|, components] and the share of all variance that each component has.</returns>
    public static (double[][] Coordinates, double[] Shares) Of(ClassTable table, int components)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (n, d) = (table.Ids.Count, table.Dimension);
        var wanted = Math.Min(components, Math.Min(n, d));
        var k = Math.Min(wanted + Spare, Math.Min(n, d));
        var scatter = Scatter(table);
        var random = new Random(1);
        var basis = Enumerable.Range(0, k).Select(_ => Enumerable.Range(0, d).Select(_ => random.NextDouble() - 0.5).ToArray()).ToArray();
        Orthonormalise(basis);
        for (var i = 0; i < Iterations; i++)
        {
            basis = Array.ConvertAll(basis, vector => Multiply(scatter, vector));
            Orthonormalise(basis);
        }
        var total = Enumerable.Range(0, d).Sum(i => scatter[i][i]);
        var axes = basis.Select(vector => (Vector: vector, Variance: TensorPrimitives.Dot<double>(vector, Multiply(scatter, vector)))).OrderByDescending(axis => axis.Variance).Take(wanted).ToList();
        var coordinates = new double[n][];
        var mean = new double[d];
        for (var row = 0; row < n; row++)
        {
            TensorPrimitives.ConvertTruncating(table.Direction(row), mean);
            coordinates[row] = [.. axes.Select(axis => table.Norms[row] * TensorPrimitives.Dot<double>(axis.Vector, mean))];
        }
        return (coordinates, [.. axes.Select(axis => total > 0 ? axis.Variance / total : 0)]);
    }

    /// <summary>Σ m_c m_cᵀ [d, d].</summary>
    private static double[][] Scatter(ClassTable table)
    {
        var d = table.Dimension;
        var scatter = Enumerable.Range(0, d).Select(_ => new double[d]).ToArray();
        Parallel.For(0, d, i =>
        {
            var mean = new double[d];
            for (var row = 0; row < table.Ids.Count; row++)
            {
                var direction = table.Direction(row);
                TensorPrimitives.ConvertTruncating(direction, mean);
                var weight = table.Norms[row] * table.Norms[row] * direction[i];
                TensorPrimitives.MultiplyAdd(mean, weight, scatter[i], scatter[i]);
            }
        });
        return scatter;
    }

    private static double[] Multiply(double[][] matrix, double[] vector) => Array.ConvertAll(matrix, row => TensorPrimitives.Dot<double>(row, vector));

    // Gram–Schmidt, twice over each vector: once is not enough where two are nearly parallel.
    private static void Orthonormalise(double[][] vectors)
    {
        for (var i = 0; i < vectors.Length; i++)
        {
            for (var pass = 0; pass < 2; pass++)
            {
                for (var j = 0; j < i; j++) TensorPrimitives.MultiplyAdd(vectors[j], -TensorPrimitives.Dot<double>(vectors[i], vectors[j]), vectors[i], vectors[i]);
            }
            var norm = TensorPrimitives.Norm<double>(vectors[i]);
            if (norm > 0) TensorPrimitives.Divide(vectors[i], norm, vectors[i]);
        }
    }
}
