using System.Text.Json;

namespace NcService.Web.Hosting;

/// <summary>Names of members as JSON has them.</summary>
internal static class FieldNames
{
    /// <summary><c>Grids[0].Widths</c> → <c>grids[0].widths</c>.</summary>
    public static string Camel(string path) => string.Join('.', path.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}
