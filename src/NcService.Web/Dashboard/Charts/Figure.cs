using System.Text.Json;
using System.Text.Json.Serialization;

namespace NcService.Web.Dashboard.Charts;

/// <summary>A figure in plotly's terms. Colours are names of the style sheet (<c>@accent</c>, <c>@v3</c>, <c>@ink/40</c>): chart.js looks them up for light and dark.</summary>
/// <param name="Data">Traces.</param>
/// <param name="Layout">Axes and annotations; everything common comes from chart.js.</param>
public sealed record Figure(IReadOnlyList<object> Data, object Layout)
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The figure as chart.js takes it.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { data = Data, layout = Layout }, s_format);
}
