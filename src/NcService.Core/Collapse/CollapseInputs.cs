using NcService.Core.Arrays;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Everything that measurements are taken from: class statistics, and what else was collected with them. One file holds it
/// (<see cref="Save"/>), so that an analysis is measured again, with other conventions or by another program, without model or samples.
/// </summary>
/// <param name="statistics">Class statistics of the training samples; disposed with this.</param>
public sealed partial class CollapseInputs(ClassStatistics statistics) : IDisposable
{
    /// <summary>Class statistics of the training samples.</summary>
    public ClassStatistics Statistics { get; } = statistics;

    /// <summary>W: [K, d], or null where there is no classifier. Disposed with this.</summary>
    public Tensor? Classifier { get; init; }

    /// <summary>μ_ood: [d] float64, or null. Disposed with this.</summary>
    public Tensor? OutOfDistributionMean { get; init; }

    /// <summary>Decisions on validation samples, or null.</summary>
    public DecisionCounts? Validation { get; init; }

    /// <summary>The same by the samples' class, or null.</summary>
    public ClassDecisions? ValidationByClass { get; init; }

    /// <summary>Decisions on the training samples, or null.</summary>
    public DecisionCounts? Train { get; init; }

    /// <summary>A hash of all that the collected numbers depend on; null where nobody computed it.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The same with the classifier in a file (<see cref="ArrayFile"/>); this is used up.</summary>
    /// <exception cref="InputException">The file is absent or broken, or holds no matrix [K, d].</exception>
    public CollapseInputs WithClassifier(string path)
    {
        var file = ArrayFile.Open(path, "classifier").RequireMatrix(Statistics.Dimension);
        if (file.Shape[0] != Statistics.ClassCount) throw new InputException($"{path}: classifier must have {Statistics.ClassCount} rows, one for each class, not {file.Shape[0]}.");
        Classifier?.Dispose();
        return new CollapseInputs(Statistics)
        {
            Classifier = file.ReadRows(0, file.Shape[0]).DetachFromDisposeScope(),
            OutOfDistributionMean = OutOfDistributionMean,
            Validation = Validation,
            ValidationByClass = ValidationByClass,
            Train = Train,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Statistics.Dispose();
        Classifier?.Dispose();
        OutOfDistributionMean?.Dispose();
    }
}
