namespace NcService.Web.Dashboard.Data;

/// <summary>A study as lists show it.</summary>
public sealed record StudySummary
{
    /// <summary>Identity.</summary>
    public required long Id { get; init; }

    /// <summary>Unique name.</summary>
    public required string Name { get; init; }

    /// <summary>Its owner's words.</summary>
    public string? Notes { get; init; }

    /// <summary>File that results were imported from.</summary>
    public string? ImportedFrom { get; init; }

    /// <summary>Name of the dataset.</summary>
    public string? Dataset { get; init; }

    /// <summary>When it was created (UTC).</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Number of runs.</summary>
    public required int RunCount { get; init; }

    /// <summary>Distinct widths, ascending.</summary>
    public required IReadOnlyList<int> Widths { get; init; }

    /// <summary>Distinct depths, ascending.</summary>
    public required IReadOnlyList<int> Depths { get; init; }

    /// <summary>Distinct numbers of epochs, ascending.</summary>
    public required IReadOnlyList<int> Epochs { get; init; }

    /// <summary>Its tags.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Lowest validation loss so far.</summary>
    public double? BestLoss { get; init; }

    /// <summary>Runs by stage.</summary>
    public required IReadOnlyDictionary<Stage, int> Stages { get; init; }

    /// <summary>Share of its work done, 0 to 1.</summary>
    public required double Progress { get; init; }

    /// <summary>Why its dataset could not be prepared.</summary>
    public string? PreparationError { get; init; }

    /// <summary>Its dataset is being prepared.</summary>
    public bool Preparing { get; init; }

    /// <summary>Work of it is held back.</summary>
    public bool Held { get; init; }

    /// <summary>True while something waits or works.</summary>
    public bool Active => CountOf(Stage.Running) + CountOf(Stage.Queued) > 0;

    /// <summary>Runs in a stage.</summary>
    public int CountOf(Stage stage) => Stages.GetValueOrDefault(stage);
}
