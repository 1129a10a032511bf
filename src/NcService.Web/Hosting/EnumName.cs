using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace NcService.Web.Hosting;

// The framework's own binding of enumerations takes numbers and minds upper case.
/// <summary>One of the names.</summary>
internal readonly record struct EnumName<T>(T Value)
    where T : struct, Enum
{
    /// <summary>The names, in camel case.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    /// <summary>Called by the framework's binding.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EnumName<T> name)
    {
        var index = All.ToList().FindIndex(known => known.Equals(text, StringComparison.OrdinalIgnoreCase));
        name = index < 0 ? default : new EnumName<T>(Enum.GetValues<T>()[index]);
        return index >= 0;
    }
}

/// <summary>Filters by such names.</summary>
internal static class EnumNames
{
    /// <summary>The values; none means all.</summary>
    public static T[] Values<T>(this EnumName<T>[]? names)
        where T : struct, Enum => [.. (names ?? []).Select(name => name.Value)];
}
