using System.Text.Json;
using System.Text.Json.Nodes;
using NcService.Core.Collapse;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>Measurements as a table for people and as JSON for programs.</summary>
internal static class MeasurementTable
{
    private static readonly JsonSerializerOptions s_counts = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Table Of(IEnumerable<Measurement> measurements)
    {
        var table = new Table().AddColumns("property", "name", "value", "what it is");
        foreach (var measurement in measurements)
        {
            var definition = MeasurementCatalog.TryFind(measurement.Name);
            table.AddRow(
                Markup.Escape(definition?.Property ?? ""),
                Markup.Escape(measurement.Name),
                Numbers.Text(measurement.Value),
                Markup.Escape(measurement.UndefinedReason is { } reason ? $"undefined: {reason}" : definition?.Title ?? ""));
        }
        return table;
    }

    /// <summary>A row for each measurement, a column for each block.</summary>
    public static Table ByLayer(IReadOnlyList<LayerMeasurements> layers)
    {
        var table = new Table().AddColumn("after block").AddColumns([.. layers.Select(layer => $"{layer.Layer}")]);
        for (var i = 0; i < layers[0].Measurements.Count; i++)
            table.AddRow([Markup.Escape(layers[0].Measurements[i].Name), .. layers.Select(layer => Numbers.Text(layer.Measurements[i].Value, 4))]);
        return table;
    }

    /// <summary>Values by name, why those that are null are undefined, and the counts behind NC4.</summary>
    public static JsonObject Json(IReadOnlyList<Measurement> measurements, CollapseInputs inputs, CollapseDetails details)
    {
        var json = Json(measurements);
        json["samples"] = inputs.Statistics.SampleCount;
        json["validation_counts"] = Counts(inputs.Validation);
        json["train_counts"] = Counts(inputs.Train);
        AddIntervals(json, details);
        return json;
    }

    /// <summary>Values by name, and why those that are null are undefined.</summary>
    public static JsonObject Json(IReadOnlyList<Measurement> measurements) => new()
    {
        ["metrics"] = new JsonObject(measurements.Select(measurement => KeyValuePair.Create(measurement.Name, Numbers.Json(measurement.Value)))),
        ["undefined"] = new JsonObject(measurements.Where(measurement => measurement.UndefinedReason is not null)
            .Select(measurement => KeyValuePair.Create(measurement.Name, (JsonNode?)measurement.UndefinedReason))),
    };

    /// <summary>Adds 95 % intervals [low, high] by name where measurements were estimated from a sample of pairs.</summary>
    public static void AddIntervals(JsonObject json, CollapseDetails details)
    {
        if (details.Intervals.Count == 0) return;
        json["intervals"] = new JsonObject(details.Intervals.Select(interval =>
            KeyValuePair.Create(interval.Key, (JsonNode?)new JsonArray(Numbers.Json(interval.Value.Low), Numbers.Json(interval.Value.High)))));
    }

    /// <summary>The counts behind NC4, or null.</summary>
    public static JsonNode? Counts(DecisionCounts? counts) => JsonSerializer.SerializeToNode(counts, s_counts);
}
