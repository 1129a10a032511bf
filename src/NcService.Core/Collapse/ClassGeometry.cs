using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// The kept classes' means about their global mean: per class the numbers of the per-class table, and the d × d moments from which spectra,
/// interference and the distances from a simplex come in O(C d²) without a C × C matrix. All float64.
/// </summary>
internal sealed class ClassGeometry : IDisposable
{
    private Eigensystem? principal;

    private ClassGeometry(Tensor means, int[] ids, bool hasClassifier, bool hasOutOfDistributionMean)
    {
        (HasClassifier, HasOutOfDistributionMean) = (hasClassifier, hasOutOfDistributionMean);
        Means = means;
        Ids = ids;
        var count = ids.Length;
        (Norms, UncentredNorms, Projections) = (new double[count], new double[count], new double[count]);
        (SelfDuality, DualityDistance, OutOfDistributionCosine) = (new double[count], new double[count], new double[count]);
    }

    /// <summary>Whether there is a W, so that the numbers of duality mean something.</summary>
    public bool HasClassifier { get; }

    /// <summary>Whether there is a μ_ood.</summary>
    public bool HasOutOfDistributionMean { get; }

    /// <summary>The kept class ids in increasing order.</summary>
    public int[] Ids { get; }

    /// <summary>|C|.</summary>
    public int Count => Ids.Length;

    /// <summary>μ_c of kept classes: [C, d] float64.</summary>
    public Tensor Means { get; }

    /// <summary>μ̄: d numbers.</summary>
    public double[] GlobalMean { get; private set; } = [];

    /// <summary>The largest ‖μ_c‖: the scale that rounding of means is relative to.</summary>
    public double MeanScale { get; private set; }

    /// <summary>‖m_c‖; exactly 0 where the class mean equals the global mean to rounding, and then it has no direction.</summary>
    public double[] Norms { get; }

    /// <summary>‖μ_c‖; exactly 0 where it is so to rounding.</summary>
    public double[] UncentredNorms { get; }

    /// <summary>‖μ_c‖² − ‖μ̄‖² = ‖m_c‖² + 2 m_c·μ̄.</summary>
    public double[] Projections { get; }

    /// <summary>cos(w_c, m_c); NaN where either has no direction.</summary>
    public double[] SelfDuality { get; }

    /// <summary>‖w_c/‖w_c‖ − u_c‖; NaN where either has no direction.</summary>
    public double[] DualityDistance { get; }

    /// <summary>|cos(μ_c, μ_ood)|; NaN where either has no direction.</summary>
    public double[] OutOfDistributionCosine { get; }

    /// <summary>Kept classes whose classifier row is zero.</summary>
    public int ZeroWeights { get; private set; }

    /// <summary>Whether μ_ood is the zero vector.</summary>
    public bool ZeroOutOfDistributionMean { get; private set; }

    /// <summary>Mᵀ M = Σ m_c m_cᵀ: [d, d].</summary>
    public Tensor CentredMoment { get; private set; } = null!;

    /// <summary>Eigenvalues and eigenvectors of <see cref="CentredMoment"/>: decomposed once, when first asked for.</summary>
    public Eigensystem Principal => principal ??= Eigensystem.Of(CentredMoment);

    /// <summary>Uᵀ U = Σ u_c u_cᵀ: [d, d].</summary>
    public Tensor DirectionMoment { get; private set; } = null!;

    /// <summary>‖Σ u_c‖².</summary>
    public double SquaredNormOfDirectionSum { get; private set; }

    /// <summary>‖W Mᵀ‖_F² over kept classes.</summary>
    public double SquaredDualityNorm { get; private set; }

    /// <summary>Tr(W Mᵀ) over kept classes.</summary>
    public double DualityTrace { get; private set; }

    /// <summary>u_c: [C, d] in the tiles' format; zero rows where there is no direction.</summary>
    public Tensor Directions { get; private set; } = null!;

    /// <summary>Works the geometry out in blocks of classes.</summary>
    public static ClassGeometry Compute(
        ClassStatistics statistics, int[] ids, Tensor? classifier, Tensor? outOfDistributionMean, ScalarType tileType)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var idTensor = tensor(Array.ConvertAll(ids, id => (long)id));
        var means = (ids.Length == statistics.ClassCount ? statistics.Means.alias() : statistics.Means.index_select(0, idTensor)).DetachFromDisposeScope();
        var geometry = new ClassGeometry(means, ids, classifier is not null, outOfDistributionMean is not null);
        if (ids.Length > 0) new ClassGeometryPass(geometry, classifier, outOfDistributionMean, idTensor, tileType).Run();
        return geometry;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Means.Dispose();
        CentredMoment?.Dispose();
        DirectionMoment?.Dispose();
        Directions?.Dispose();
        principal?.Dispose();
    }

    /// <summary>The one pass over blocks of classes that fills a geometry.</summary>
    private sealed class ClassGeometryPass(ClassGeometry geometry, Tensor? classifier, Tensor? outOfDistributionMean, Tensor ids, ScalarType tileType)
    {
        private const int RowsAtOnce = 4096;

        private readonly long dimension = geometry.Means.shape[1];

        public void Run()
        {
            var globalMean = geometry.Means.mean([0L]);
            geometry.GlobalMean = TensorMemory.ToDoubles(globalMean);
            geometry.MeanScale = LargestNorm();
            geometry.CentredMoment = zeros(dimension, dimension, dtype: ScalarType.Float64).DetachFromDisposeScope();
            geometry.DirectionMoment = zeros(dimension, dimension, dtype: ScalarType.Float64).DetachFromDisposeScope();
            geometry.Directions = empty(geometry.Count, dimension, dtype: tileType).DetachFromDisposeScope();
            var directionSum = zeros(dimension, dtype: ScalarType.Float64);
            var weightMoment = zeros(dimension, dimension, dtype: ScalarType.Float64);
            for (var first = 0; first < geometry.Count; first += RowsAtOnce)
            {
                using var scope = NewDisposeScope();
                var rows = Math.Min(RowsAtOnce, geometry.Count - first);
                var means = geometry.Means.narrow(0, first, rows);
                var centred = means.sub(globalMean);
                Norms(first, means, centred, globalMean);
                var directions = centred.mul(Reciprocals(geometry.Norms.AsSpan(first, rows)).unsqueeze(1));
                directionSum.add_(directions.sum(0L));
                SymmetricProduct.Add(geometry.CentredMoment, centred);
                SymmetricProduct.Add(geometry.DirectionMoment, directions);
                geometry.Directions.narrow(0, first, rows).copy_(directions);
                if (classifier is not null) Duality(first, centred, directions, weightMoment);
                if (outOfDistributionMean is not null) OutOfDistribution(first, means);
            }
            foreach (var moment in (ReadOnlySpan<Tensor>)[geometry.CentredMoment, geometry.DirectionMoment, weightMoment]) SymmetricProduct.Finish(moment);
            geometry.SquaredNormOfDirectionSum = directionSum.square().sum().item<double>();
            geometry.SquaredDualityNorm = weightMoment.mul(geometry.CentredMoment).sum().item<double>();
        }

        private double LargestNorm()
        {
            var largest = 0.0;
            for (var first = 0; first < geometry.Count; first += RowsAtOnce)
            {
                using var scope = NewDisposeScope();
                var means = geometry.Means.narrow(0, first, Math.Min(RowsAtOnce, geometry.Count - first));
                largest = Math.Max(largest, Math.Sqrt(means.square().sum(1).max().item<double>()));
            }
            return largest;
        }

        private void Norms(int first, Tensor means, Tensor centred, Tensor globalMean)
        {
            var negligible = PairClasses.RelativeCoincidence * geometry.MeanScale;
            var norms = TensorMemory.ToDoubles(centred.square().sum(1).sqrt());
            var uncentred = TensorMemory.ToDoubles(means.square().sum(1).sqrt());
            var alongGlobal = TensorMemory.ToDoubles(centred.mv(globalMean));
            for (var i = 0; i < norms.Length; i++)
            {
                geometry.Norms[first + i] = norms[i] <= negligible ? 0 : norms[i];
                geometry.UncentredNorms[first + i] = uncentred[i] <= negligible ? 0 : uncentred[i];
                geometry.Projections[first + i] = (norms[i] * norms[i]) + (2 * alongGlobal[i]);
            }
        }

        private void Duality(int first, Tensor centred, Tensor directions, Tensor weightMoment)
        {
            var weights = classifier!.detach().index_select(0, ids.narrow(0, first, centred.shape[0]).to(classifier.device)).to(ScalarType.Float64, CPU);
            var norms = TensorMemory.ToDoubles(weights.square().sum(1).sqrt());
            var products = weights.mul(centred).sum(1);
            geometry.DualityTrace += products.sum().item<double>();
            SymmetricProduct.Add(weightMoment, weights);
            geometry.ZeroWeights += norms.Count(norm => norm == 0);

            var unitWeights = weights.mul(Reciprocals(norms).unsqueeze(1));
            var cosines = TensorMemory.ToDoubles(unitWeights.mul(directions).sum(1));
            var distances = TensorMemory.ToDoubles(unitWeights.sub(directions).square().sum(1).sqrt());
            for (var i = 0; i < norms.Length; i++)
            {
                var undefined = norms[i] == 0 || geometry.Norms[first + i] == 0;
                geometry.SelfDuality[first + i] = undefined ? double.NaN : cosines[i];
                geometry.DualityDistance[first + i] = undefined ? double.NaN : distances[i];
            }
        }

        private void OutOfDistribution(int first, Tensor means)
        {
            var direction = outOfDistributionMean!.detach().to(ScalarType.Float64, CPU);
            var norm = Math.Sqrt(direction.square().sum().item<double>());
            geometry.ZeroOutOfDistributionMean = norm == 0;
            var products = TensorMemory.ToDoubles(means.mv(direction));
            for (var i = 0; i < products.Length; i++)
            {
                var uncentred = geometry.UncentredNorms[first + i];
                geometry.OutOfDistributionCosine[first + i] = norm == 0 || uncentred == 0 ? double.NaN : Math.Abs(products[i] / uncentred / norm);
            }
        }

        private static Tensor Reciprocals(ReadOnlySpan<double> values)
        {
            var reciprocals = new double[values.Length];
            for (var i = 0; i < values.Length; i++) reciprocals[i] = values[i] == 0 ? 0 : 1 / values[i];
            return tensor(reciprocals);
        }
    }
}
