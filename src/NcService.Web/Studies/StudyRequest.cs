using System.Text.Json;
using System.Text.Json.Serialization;
using NcService.Core;
using NcService.Core.Text;
using NcService.Platform.Studies;
using NcService.Web.Hosting;

namespace NcService.Web.Studies;

/// <summary>A preset by its name, with what shall differ from it.</summary>
internal sealed record PresetStudy
{
    /// <summary>demo, paper-grid or paper-seeds.</summary>
    public required string Preset { get; init; }

    /// <summary>Name of the study; the preset's own without it.</summary>
    public string? Name { get; init; }

    /// <summary>Notes; the preset's own without them.</summary>
    public string? Notes { get; init; }

    /// <summary>An existing dataset, by name, in place of the preset's text.</summary>
    public string? Dataset { get; init; }

    /// <summary>Another corpus in place of the preset's.</summary>
    public CorpusSpecification? Corpus { get; init; }

    /// <summary>The definition that this stands for.</summary>
    /// <exception cref="FieldException">There is no such preset.</exception>
    public StudyDefinition ToDefinition()
    {
        if (!StudyPresets.All.TryGetValue(Preset, out var preset))
            throw new FieldException("preset", $"There is no preset '{Preset}'; there are: {string.Join(", ", StudyPresets.All.Keys)}{NearestName.Hint(Preset, StudyPresets.All.Keys).TrimEnd('?')}.");
        return preset with { Name = Name ?? preset.Name, Notes = Notes ?? preset.Notes, Dataset = Dataset, Corpus = Corpus ?? preset.Corpus };
    }
}

/// <summary>What to create: a whole definition, or a preset by its name.</summary>
[JsonConverter(typeof(StudyRequestReader))]
internal sealed record StudyRequest(StudyDefinition Definition);

/// <summary>Tells the two forms apart by the member <c>preset</c>.</summary>
internal sealed class StudyRequestReader : JsonConverter<StudyRequest>
{
    /// <inheritdoc />
    public override StudyRequest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var ahead = reader;
        var isPreset = false;
        if (ahead.TokenType == JsonTokenType.StartObject)
        {
            while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
            {
                isPreset |= ahead.ValueTextEquals("preset");
                // All of the value is there, but the reader may not know that the body has ended, and Skip would refuse.
                _ = ahead.TrySkip();
            }
        }
        return new StudyRequest(isPreset
            ? JsonSerializer.Deserialize<PresetStudy>(ref reader, options)!.ToDefinition()
            : JsonSerializer.Deserialize<StudyDefinition>(ref reader, options)!);
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, StudyRequest value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Definition, options);
}
