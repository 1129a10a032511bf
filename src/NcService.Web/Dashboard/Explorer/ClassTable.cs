using System.Numerics.Tensors;

namespace NcService.Web.Dashboard.Explorer;

/// <summary>Decisions on validation samples by the samples' own class, [K] each.</summary>
/// <param name="Samples">Validation samples.</param>
/// <param name="Agreements">Samples where classifier and nearest centre agree.</param>
/// <param name="Right">Samples where the classifier is right.</param>
/// <param name="NearestRight">Samples where the nearest centre is right.</param>
public sealed record ClassDecisionTable(double[] Samples, double[] Agreements, double[] Right, double[] NearestRight)
{
    /// <summary>Share of a token's validation samples on which the two agree; null where there is none.</summary>
    public double? Agreement(int id) => Share(Agreements, id);

    /// <summary>Share of a count; null where the token has no validation samples.</summary>
    public double? Share(double[] counts, int id)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return Samples[id] > 0 ? counts[id] / Samples[id] : null;
    }
}

/// <summary>The classes of one analysis, each with what its mean says of it. Row i is a class that has samples; METRICS.md has the definitions.</summary>
public sealed class ClassTable
{
    private readonly float[] units;

    /// <summary>Makes the table of the classes that have samples.</summary>
    /// <param name="counts">n_c [K].</param>
    /// <param name="means">μ_c [K, d], row-major; rows of classes without samples are not read.</param>
    /// <param name="withinSums">Σ‖h − μ_c‖² [K].</param>
    /// <param name="classifier">W [K, d]; null where it is not at hand.</param>
    /// <param name="dimension">d.</param>
    public ClassTable(IReadOnlyList<double> counts, double[] means, IReadOnlyList<double> withinSums, double[]? classifier, int dimension)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(withinSums);
        Dimension = dimension;
        Ids = [.. Enumerable.Range(0, counts.Count).Where(id => counts[id] > 0)];
        var global = new double[dimension];
        foreach (var id in Ids) TensorPrimitives.Add(global, means.AsSpan(id * dimension, dimension), global);
        TensorPrimitives.Divide(global, Math.Max(1, Ids.Count), global);

        Counts = [.. Ids.Select(id => (long)counts[id])];
        Variances = [.. Ids.Select(id => withinSums[id] / counts[id])];
        Norms = new double[Ids.Count];
        SelfDuality = classifier is null ? null : new double[Ids.Count];
        units = new float[(long)Ids.Count * dimension];
        var centred = new double[dimension];
        for (var row = 0; row < Ids.Count; row++)
        {
            TensorPrimitives.Subtract(means.AsSpan(Ids[row] * dimension, dimension), global, centred);
            Norms[row] = TensorPrimitives.Norm<double>(centred);
            if (SelfDuality is not null) SelfDuality[row] = TensorPrimitives.CosineSimilarity<double>(classifier.AsSpan(Ids[row] * dimension, dimension), centred);
            TensorPrimitives.Divide(centred, Norms[row], centred);
            TensorPrimitives.ConvertTruncating<double, float>(centred, units.AsSpan(row * dimension, dimension));
        }
    }

    /// <summary>Decisions on validation samples of each class; null where they were not counted by class.</summary>
    public ClassDecisionTable? Decisions { get; init; }

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>Token id of each row, ascending.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>n_c.</summary>
    public IReadOnlyList<long> Counts { get; }

    /// <summary>‖m_c‖, the distance of the class mean from the mean of class means.</summary>
    public double[] Norms { get; }

    /// <summary>s²_c: mean squared distance of a class's embeddings from its mean.</summary>
    public double[] Variances { get; }

    /// <summary>cos(w_c, m_c); null where the classifier is not at hand.</summary>
    public double[]? SelfDuality { get; }

    /// <summary>u_c [d]: the direction of a class.</summary>
    public ReadOnlySpan<float> Direction(int row) => units.AsSpan(row * Dimension, Dimension);

    /// <summary>u_c · u_c'.</summary>
    public double Cosine(int row, int other) => TensorPrimitives.Dot(Direction(row), Direction(other));

    /// <summary>The classes whose directions are closest to a class's, the closest first.</summary>
    public IReadOnlyList<(int Row, double Cosine)> Nearest(int row, int count)
    {
        var best = new PriorityQueue<int, double>(count + 1);
        for (var other = 0; other < Ids.Count; other++)
        {
            if (other == row) continue;
            best.Enqueue(other, Cosine(row, other));
            if (best.Count > count) best.Dequeue();
        }
        var found = new List<(int, double)>(best.Count);
        while (best.TryDequeue(out var other, out var cosine)) found.Add((other, cosine));
        found.Reverse();
        return found;
    }

    /// <summary>The pairs with the largest cosines, in size and sign, among the most frequent classes.</summary>
    /// <param name="count">Pairs wanted.</param>
    /// <param name="among">Classes looked at: the time grows with its square.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public IReadOnlyList<(int Row, int Other, double Cosine)> Interfering(int count, int among, CancellationToken cancellationToken)
    {
        var rows = Frequent(among);
        var best = new PriorityQueue<(int Row, int Other, double Cosine), double>(count + 1);
        for (var i = 0; i < rows.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var j = i + 1; j < rows.Count; j++)
            {
                var cosine = Cosine(rows[i], rows[j]);
                if (best.Count == count && Math.Abs(cosine) <= Math.Abs(best.Peek().Cosine)) continue;
                best.Enqueue((rows[i], rows[j], cosine), Math.Abs(cosine));
                if (best.Count > count) best.Dequeue();
            }
        }
        return [.. best.UnorderedItems.Select(item => item.Element).OrderByDescending(pair => Math.Abs(pair.Cosine))];
    }

    /// <summary>Rows of the most frequent classes, the most frequent first.</summary>
    public IReadOnlyList<int> Frequent(int count) => [.. Enumerable.Range(0, Ids.Count).OrderByDescending(row => Counts[row]).ThenBy(row => row).Take(count)];

    /// <summary>Cosines of pairs of different classes: all pairs where that is not more than asked for, else drawn with a fixed seed.</summary>
    public double[] PairCosines(int most)
    {
        var n = (long)Ids.Count;
        if (n < 2) return [];
        if (n * (n - 1) / 2 <= most)
            return [.. Enumerable.Range(0, Ids.Count).SelectMany(row => Enumerable.Range(row + 1, Ids.Count - row - 1).Select(other => Cosine(row, other)))];
        var random = new Random(1);
        var cosines = new double[most];
        for (var i = 0; i < most; i++)
        {
            var row = random.Next(Ids.Count);
            var other = random.Next(Ids.Count - 1);
            cosines[i] = Cosine(row, other >= row ? other + 1 : other);
        }
        return cosines;
    }
}
