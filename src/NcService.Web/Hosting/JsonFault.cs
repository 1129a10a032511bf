using System.Text.Json;
using System.Text.RegularExpressions;

namespace NcService.Web.Hosting;

/// <summary>Says where a JSON body is wrong and what would be right, without names of the code's inside.</summary>
internal static partial class JsonFault
{
    private static readonly string[] s_missing = ["The member is missing."];
    private const int TimeoutMilliseconds = 1000;

    /// <summary>Messages by member, such as <c>grids[0].widths</c>; "body" where the text is not JSON at all.</summary>
    public static IDictionary<string, string[]> Describe(JsonException exception)
    {
        var message = exception.Message;
        if (Unmapped().Match(message) is { Success: true } unmapped)
            return One(Member(exception.Path, unmapped.Groups["name"].Value), "There is no such member.");
        if (Null().Match(message) is { Success: true } isNull)
            return One(Member(exception.Path, isNull.Groups["name"].Value), "The value must not be null.");
        if (Duplicate().Match(message) is { Success: true } duplicate)
            return One(duplicate.Groups["name"].Value, "The member is there twice.");
        if (Missing().Match(message) is { Success: true } missing)
            return Quoted().Matches(missing.Groups["names"].Value).ToDictionary(name => Member(exception.Path, name.Groups["name"].Value), _ => s_missing);
        if (Conversion().Match(message) is { Success: true } conversion)
            return One(Member(exception.Path, null), $"The value is not {RequestFault.Kind(conversion.Groups["type"].Value)}.");
        if (message.StartsWith(TextWithoutNul.Fault, StringComparison.Ordinal)) return One(Member(exception.Path, null), TextWithoutNul.Fault);
        return One("body", $"This is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).");
    }

    private static Dictionary<string, string[]> One(string member, string message) => new(StringComparer.Ordinal) { [member] = [message] };

    private static string Member(string? path, string? name)
    {
        var parent = (path ?? "$").TrimStart('$').TrimStart('.');
        if (name is null) return parent.Length == 0 ? "body" : parent;
        if (parent.Length == 0 || parent == name) return name;
        return parent.EndsWith("." + name, StringComparison.Ordinal) ? parent : $"{parent}.{name}";
    }

    [GeneratedRegex("^The JSON property '(?<name>.*)' could not be mapped to any \\.NET member", RegexOptions.Singleline, TimeoutMilliseconds)]
    private static partial Regex Unmapped();

    [GeneratedRegex("^The (?:property or field|constructor parameter) '(?<name>[^']+)' on type .* doesn't allow (?:setting |getting )?null values", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex Null();

    [GeneratedRegex("^Duplicate property '(?<name>.*)' encountered", RegexOptions.Singleline, TimeoutMilliseconds)]
    private static partial Regex Duplicate();

    [GeneratedRegex("was missing required properties including: (?<names>.*)$", RegexOptions.Singleline, TimeoutMilliseconds)]
    private static partial Regex Missing();

    [GeneratedRegex("'(?<name>[^']+)'", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex Quoted();

    [GeneratedRegex("^The JSON value (?:could not be converted to|is not supported for) (?<type>[^ ]+?)\\.( |$)", RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex Conversion();
}
