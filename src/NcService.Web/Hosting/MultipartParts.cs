using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using NcService.Core;

namespace NcService.Web.Hosting;

/// <summary>What uploads of several files share: the boundary between the parts, the next part, and what tells that a body is cut.</summary>
internal static class MultipartParts
{
    /// <summary>The boundary that a content type names.</summary>
    /// <exception cref="InputException">It names none, or one that is too long.</exception>
    public static string BoundaryOf(MediaTypeHeaderValue type, int maximumLength)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return string.IsNullOrWhiteSpace(boundary) || boundary.Length > maximumLength
            ? throw new InputException("The content type names no boundary between the parts.")
            : boundary;
    }

    /// <summary>The next part, or null after the last.</summary>
    /// <exception cref="InputException">The body is cut, or not multipart.</exception>
    public static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception fault) when (IsCut(fault))
        {
            throw new InputException("The body is not whole multipart/form-data.", fault);
        }
    }

    /// <summary>Whether reading a part failed for what the body is; a body that is too large or too slow has an answer of its own.</summary>
    public static bool IsCut(Exception fault) => fault is (IOException and not BadHttpRequestException) or InvalidDataException;
}
