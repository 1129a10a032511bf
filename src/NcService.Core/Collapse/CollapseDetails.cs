using System.Text.Json;
using System.Text.Json.Serialization;

namespace NcService.Core.Collapse;

/// <summary>What stands behind an analysis's measurements but for the per-class table: small enough for one JSON document.</summary>
public sealed record CollapseDetails
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>
    /// Distributions over classes (<c>norms</c>, <c>lognorms</c>, <c>variance</c>, <c>selfdual</c>) and over pairs (<c>cdnv</c>, <c>interference</c>, <c>logdist</c>,
    /// <c>logdist_uncentred</c>).
    /// </summary>
    public IReadOnlyList<Distribution> Distributions { get; init; } = [];

    /// <summary>The share of the spread of class means along each of the first principal directions, decreasing.</summary>
    public IReadOnlyList<double> PrincipalShares { get; init; } = [];

    /// <summary>95 % intervals of measurements that were estimated from a sample of pairs, by name; empty where all pairs were visited.</summary>
    public IReadOnlyDictionary<string, ConfidenceInterval> Intervals { get; init; } = new Dictionary<string, ConfidenceInterval>();

    /// <summary>The counts behind NC4; null where nothing was decided.</summary>
    public DecisionCounts? Validation { get; init; }

    /// <summary>The same over training samples; null where nothing was decided.</summary>
    public DecisionCounts? Train { get; init; }

    /// <summary>The measurements at the output of each block; empty where they were not asked for.</summary>
    public IReadOnlyList<LayerMeasurements> Layers { get; init; } = [];

    /// <summary>Writes a JSON file; it appears whole or not at all.</summary>
    public void Save(string path) => DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Format));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">The file is absent or something else.</exception>
    public static CollapseDetails Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<CollapseDetails>(File.ReadAllBytes(path), Format) ?? throw new InputException($"{path} is empty.");
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new InputException($"{path} cannot be read: {exception.Message}", exception);
        }
    }
}
