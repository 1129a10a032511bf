using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc;

namespace NcService.Web.Hosting;

/// <summary>What is wanted, by a part of its name.</summary>
internal sealed partial class NameFilter
{
    /// <summary>Only what holds this in its name, whatever the case.</summary>
    [FromQuery(Name = "search")]
    public string? Search { get; init; }

    /// <summary>A pattern of LIKE, with <c>\</c> before what is meant as it stands, for names in lower case; null for all.</summary>
    /// <exception cref="FieldException">The text is too long.</exception>
    public string? Pattern() => Search switch
    {
        null or "" => null,
        { Length: > RequestLimits.SearchLength } => throw new FieldException("search", $"{Search.Length} characters; at most {RequestLimits.SearchLength} are possible."),
        _ => $"%{Wildcard().Replace(Search.ToLowerInvariant(), @"\$0")}%",
    };

    [GeneratedRegex(@"[\\%_]", RegexOptions.None, 1000)]
    private static partial Regex Wildcard();
}
