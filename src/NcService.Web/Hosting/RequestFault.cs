using System.Text.Json;
using System.Text.RegularExpressions;
using NcService.Core.Statistics;
using NcService.Platform.Store;
using NcService.Web.Results;

namespace NcService.Web.Hosting;

/// <summary>Says what was wrong with a request that could not be bound, without names of the code's inside.</summary>
internal static partial class RequestFault
{
    private const int TimeoutMilliseconds = 1000;

    /// <summary>Answers with the reason.</summary>
    public static Task WriteAsync(HttpContext context, BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => Problems.WriteAsync(context, exception.StatusCode, RequestLimits.TooLarge(context)),
        StatusCodes.Status415UnsupportedMediaType => Problems.WriteAsync(context, exception.StatusCode, Problems.UnsupportedMediaType(context)),
        StatusCodes.Status400BadRequest when FailedParameter().Match(exception.Message) is { Success: true } failed =>
            Problems.WriteAsync(context, One(failed, $"'{Shortened(failed.Groups["value"].Value)}' is not {Kind(failed.Groups["type"].Value)}.")),
        StatusCodes.Status400BadRequest when MissingParameter().Match(exception.Message) is { Success: true } missing =>
            Problems.WriteAsync(context, One(missing, "It is required.")),
        StatusCodes.Status400BadRequest when exception.Message.Contains(" from the request body", StringComparison.Ordinal) || exception.Message.Contains("body was not provided", StringComparison.Ordinal) =>
            Problems.WriteAsync(context, exception.StatusCode, "The request needs a body."),
        _ => Problems.WriteAsync(context, exception.StatusCode, exception.Message),
    };

    private static Dictionary<string, string[]> One(Match match, string message) =>
        new(StringComparer.Ordinal) { [JsonNamingPolicy.CamelCase.ConvertName(match.Groups["name"].Value)] = [message] };

    private static string Shortened(string value) => value.Length <= 60 ? value : value[..60] + "…";

    /// <summary>A .NET type in words.</summary>
    public static string Kind(string type) => type switch
    {
        _ when type.Contains("JobState", StringComparison.Ordinal) => "one of: " + string.Join(", ", EnumName<JobState>.All),
        _ when type.Contains("JobKind", StringComparison.Ordinal) => "one of: " + string.Join(", ", EnumName<JobKind>.All),
        _ when type.Contains(nameof(Alternative), StringComparison.Ordinal) => "one of: " + string.Join(", ", EnumName<Alternative>.All),
        _ when type.Contains(nameof(Transformation), StringComparison.Ordinal) => "one of: " + string.Join(", ", EnumName<Transformation>.All),
        _ when type.Contains(nameof(ResultColumns), StringComparison.Ordinal) => "one of: " + string.Join(", ", EnumName<ResultColumns>.All),
        _ when type.Contains("Int32", StringComparison.Ordinal) || type is "int" or "int?" => "a whole number (32 bits)",
        _ when type.Contains("Int64", StringComparison.Ordinal) || type is "long" or "long?" => "a whole number",
        _ when type.Contains("Double", StringComparison.Ordinal) || type is "double" or "double?" => "a number",
        _ when type.Contains("Boolean", StringComparison.Ordinal) || type is "bool" or "bool?" => "true or false",
        _ when type.Contains("String", StringComparison.Ordinal) || type is "string" => "a string",
        _ when type.Contains("List", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal) => "a list",
        _ => "of the right kind",
    };

    // The framework's sentences: Failed to bind parameter "int page" from "x".  Required parameter "string name" was not provided from query string.
    [GeneratedRegex("^Failed to bind parameter \"(?<type>.+) (?<name>[^ \"]+)\" from \"(?<value>.*)\"\\.$", RegexOptions.Singleline, TimeoutMilliseconds)]
    private static partial Regex FailedParameter();

    [GeneratedRegex("^Required parameter \"(?<type>.+) (?<name>[^ \"]+)\" was not provided from (?:query string|route|header)\\.$", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex MissingParameter();
}
