using System.Text.RegularExpressions;

namespace NcService.Web.Hosting;

/// <summary>Says what was wrong with a request that could not be bound, without names of the code's inside.</summary>
internal static partial class RequestFault
{
    private const int TimeoutMilliseconds = 1000;

    /// <summary>The reason, for the caller.</summary>
    public static string Describe(BadHttpRequestException exception, HttpContext context) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => "The body is larger than this address takes (RequestLimits in the API description names the sizes).",
        StatusCodes.Status415UnsupportedMediaType => $"The body's Content-Type '{context.Request.ContentType}' is not one that this address takes; send application/json.",
        StatusCodes.Status400BadRequest => Describe(exception.Message),
        _ => exception.Message,
    };

    private static string Describe(string message)
    {
        if (FailedParameter().Match(message) is { Success: true } failed)
            return $"{failed.Groups["name"].Value}: '{failed.Groups["value"].Value}' is not {Kind(failed.Groups["type"].Value)}.";
        if (MissingParameter().Match(message) is { Success: true } missing)
            return missing.Groups["source"].Value == "body" ? "The request needs a body." : $"{missing.Groups["name"].Value}: is required.";
        return message;
    }

    /// <summary>A .NET type in words.</summary>
    public static string Kind(string type) => type switch
    {
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

    [GeneratedRegex("^Required parameter \"(?<type>.+) (?<name>[^ \"]+)\" was not provided from (?<source>.+)\\.$|^Implicit body inferred for parameter", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex MissingParameter();
}
