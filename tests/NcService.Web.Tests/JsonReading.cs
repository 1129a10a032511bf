using System.Text.Json;

namespace NcService.Web.Tests;

/// <summary>Short forms for reading the API's JSON.</summary>
internal static class JsonReading
{
    public static IReadOnlyList<JsonElement> Items(this JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];

    public static int Count(this JsonElement element, string counts, string state) => element.GetProperty(counts).GetProperty(state).GetInt32();
}
