using NcService.Platform.Results;

namespace NcService.Web.Results;

/// <summary>A run and all that was measured of it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Name">Its name.</param>
/// <param name="Width">Dimension d of the context embeddings.</param>
/// <param name="Depth">Number of blocks L.</param>
/// <param name="Epochs">Passes over the training split.</param>
/// <param name="WeightDecay">AdamW's weight decay; null where an imported table does not say.</param>
/// <param name="Seed">Seed of initialisation and data order; null where an imported table does not say.</param>
/// <param name="ParameterCount">Trainable parameters, the tied head counted once.</param>
/// <param name="Imported">True where the model was not trained here.</param>
/// <param name="Values">Outcomes and measurements by name; null where undefined.</param>
/// <param name="UndefinedReasons">Why a measurement is undefined, by name.</param>
internal sealed record RunResults(
    long RunId, string Name, int Width, int Depth, int Epochs, double? WeightDecay, int? Seed, long ParameterCount, bool Imported,
    IReadOnlyDictionary<string, double?> Values, IReadOnlyDictionary<string, string> UndefinedReasons)
{
    /// <summary>The contract of a row of the table.</summary>
    public static RunResults From(ResultRow row) => new(
        row.Id, row.Name, row.Width, row.Depth, row.Epochs, row.WeightDecay, row.Seed, row.ParameterCount, row.Imported,
        row.Values.ToDictionary(pair => pair.Key, pair => Numbers.Finite(pair.Value)), row.UndefinedReasons);
}
