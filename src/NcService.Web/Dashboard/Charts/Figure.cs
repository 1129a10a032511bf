using System.Text.Json;
using System.Text.Json.Serialization;

namespace NcService.Web.Dashboard.Charts;

/// <summary>A figure in plotly's terms. Colours are names of the style sheet (<c>@accent</c>, <c>@v3</c>, <c>@ink/40</c>): chart.js looks them up for light and dark.</summary>
/// <param name="Data">Traces.</param>
/// <param name="Layout">Axes and annotations; everything common comes from chart.js.</param>
/// <param name="Legend">What colours and shapes mean. On the page a key beside the figure says it; a picture that is saved takes it along.</param>
public sealed record Figure(IReadOnlyList<object> Data, object Layout, IReadOnlyList<LegendEntry>? Legend = null)
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The figure as chart.js takes it.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { data = Data, layout = Layout, legend = Legend }, s_format);
}

/// <summary>One colour or shape of a figure.</summary>
/// <param name="Name">What it means.</param>
/// <param name="Color">As figures name colours.</param>
/// <param name="Symbol">plotly's name of the shape.</param>
public sealed record LegendEntry(string Name, string Color, string Symbol = "circle");
