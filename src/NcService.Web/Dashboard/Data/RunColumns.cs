using System.Globalization;
using NcService.Core.Collapse;
using NcService.Web.Dashboard.Components;

namespace NcService.Web.Dashboard.Data;

/// <summary>A column of the runs table.</summary>
/// <param name="Key">Its name in addresses: of <see cref="RunFilter"/>'s orders, or of a measurement.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Show">The cell as people read it, from the run and its measured value.</param>
/// <param name="Number">The cell as a number for files; null where it is text or missing.</param>
/// <param name="Measurement">The measurement whose value it shows; null for what the run itself holds.</param>
public sealed record RunColumn(
    string Key, string Title, Func<RunSummary, double?, string> Show, Func<RunSummary, double?, double?> Number, MeasurementDefinition? Measurement = null);

/// <summary>The columns that a runs table may have besides name, state, tags and notes.</summary>
public static class RunColumns
{
    private static readonly RunColumn[] s_settings =
    [
        Own("width", "Width", run => run.Run.Width, value => Format.Count((long?)value)),
        Own("depth", "Depth", run => run.Run.Depth, value => Format.Count((long?)value)),
        Own("epochs", "Epochs", run => run.Run.Epochs, value => Format.Count((long?)value)),
        Own("decay", "Decay", run => run.Run.WeightDecay, Format.Decay),
        Own("seed", "Seed", run => run.Run.Seed, value => value?.ToString(CultureInfo.InvariantCulture) ?? "–"),
        Own("parameters", "Parameters", run => run.Run.ParameterCount, Format.Compact),
        Own("loss", "Validation loss", run => run.Run.ValidationLoss, Format.Loss),
        Own("accuracy", "Accuracy", run => run.Run.ValidationAccuracy, Format.PreciselyPercent),
        Own("trainloss", "Training loss", run => run.Run.TrainLoss, Format.Loss),
        Own("seconds", "Training time", run => run.Run.TrainingSeconds, value => Format.Duration(value is { } seconds ? TimeSpan.FromSeconds(seconds) : null)),
    ];

    /// <summary>Shown where nothing is chosen.</summary>
    public static IReadOnlyList<string> Default { get; } = ["width", "depth", "epochs", "decay", "seed", "parameters", "loss", "accuracy"];

    /// <summary>Every column: settings and outcomes, then the measurements in the catalogue's order.</summary>
    public static IReadOnlyList<RunColumn> All { get; } =
        [.. s_settings, .. MeasurementCatalog.All.Where(definition => definition.Property != "generalisation").Select(Measured)];

    /// <summary>The columns that an address names, in its order; the default ones where it names none that exist.</summary>
    /// <param name="keys">Keys separated by commas.</param>
    public static IReadOnlyList<RunColumn> Read(string? keys)
    {
        var chosen = Keys(keys?.Split(',') ?? []);
        return chosen.Count > 0 ? chosen : Keys(Default);
    }

    private static List<RunColumn> Keys(IEnumerable<string> keys) => [.. keys.Distinct().Select(key => All.FirstOrDefault(column => column.Key == key)).OfType<RunColumn>()];

    private static RunColumn Own(string key, string title, Func<RunSummary, double?> value, Func<double?, string> show) =>
        new(key, title, (run, _) => show(value(run)), (run, _) => value(run));

    private static RunColumn Measured(MeasurementDefinition definition) =>
        new(definition.Name, definition.Title, (_, value) => Format.Value(value), (_, value) => value, definition);
}
