using Microsoft.AspNetCore.Http.Metadata;

namespace NcService.Web.Hosting;

/// <summary>Limits of a request, by name; passing one gives a problem that says so.</summary>
internal static class RequestLimits
{
    /// <summary>Largest JSON body (bytes).</summary>
    public const long JsonBodyBytes = 1 << 20;

    /// <summary>Largest result table that can be uploaded (bytes).</summary>
    public const long ImportBytes = 16 << 20;

    /// <summary>What to say of a body that is too large.</summary>
    public static string TooLarge(HttpContext context)
    {
        var limit = Problems.MetadataOf<IRequestSizeLimitMetadata>(context)?.MaxRequestBodySize;
        return limit is null
            ? $"The body is larger than {JsonBodyBytes:N0} bytes ({nameof(JsonBodyBytes)})."
            : $"The body is larger than {limit:N0} bytes ({(limit == EmbeddingBytes ? nameof(EmbeddingBytes) : nameof(ImportBytes))}).";
    }

    /// <summary>Most items on one page of a list.</summary>
    public const int PageSize = 200;

    /// <summary>Largest upload of embeddings, all parts together (bytes).</summary>
    public const long EmbeddingBytes = 1L << 30;

    /// <summary>Most classes in the picture of an analysis.</summary>
    public const int ClassPoints = 20_000;

    /// <summary>Most characters that are searched for.</summary>
    public const int SearchLength = 100;

    /// <summary>Most points of a loss curve.</summary>
    public const int CurvePoints = 5000;
}
