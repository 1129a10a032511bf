using Microsoft.AspNetCore.Http.Metadata;

namespace NcService.Web.Hosting;

/// <summary>Limits of a request, by name; passing one gives a problem that says so.</summary>
internal static class RequestLimits
{
    /// <summary>Largest JSON body (bytes).</summary>
    public const long JsonBodyBytes = 1 << 20;

    /// <summary>Largest result table that can be uploaded (bytes).</summary>
    public const long ImportBytes = 16 << 20;

    /// <summary>The largest body that the address of a request takes (bytes).</summary>
    public static long BodyBytesOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? JsonBodyBytes;

    /// <summary>Most items on one page of a list.</summary>
    public const int PageSize = 200;

    /// <summary>Most points of a loss curve.</summary>
    public const int CurvePoints = 5000;
}
