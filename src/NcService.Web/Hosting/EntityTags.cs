using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace NcService.Web.Hosting;

/// <summary>ETags of what the API reads: who polls sends the last one (If-None-Match) and gets 304 without a body while nothing has changed.</summary>
internal static class EntityTags
{
    /// <summary>Adds them to GET requests that are answered with JSON or CSV; files have their own, and streams of events none.</summary>
    public static void UseEntityTags(this WebApplication app) => app.UseWhen(IsTagged, branch => branch.Use(AnswerAsync));

    /// <summary>The tag of a file as the store publishes it: whole, by a rename, and never changed afterwards. With it a download that broke off goes on (If-Range).</summary>
    public static EntityTagHeaderValue OfFile(string path)
    {
        var file = new FileInfo(path);
        return new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}\""));
    }

    private static bool IsTagged(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Path.StartsWithSegments("/api")
        && (context.GetEndpoint()?.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>() ?? [])
            .Any(produces => produces.StatusCode == StatusCodes.Status200OK && produces.ContentTypes.Any(type => type is "application/json" or "text/csv"));

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        var original = response.Body;
        using var body = new MemoryStream();
        response.Body = body;
        try
        {
            await next(context);
        }
        finally
        {
            response.Body = original;
        }
        if (response.StatusCode == StatusCodes.Status200OK)
        {
            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body.GetBuffer().AsSpan(0, (int)body.Length)).AsSpan(0, 16))}\"";
            response.Headers.ETag = tag;
            // Not without asking: what the server says changes by itself, and depends on who asks.
            response.Headers.CacheControl = "private, no-cache";
            if (IsKnown(context.Request.Headers.IfNoneMatch, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                response.ContentType = null;
                response.ContentLength = null;
                return;
            }
        }
        body.Position = 0;
        await body.CopyToAsync(original, context.RequestAborted);
    }

    private static bool IsKnown(StringValues sent, string tag) =>
        EntityTagHeaderValue.TryParseList(sent, out var known) && known.Any(value => value.Tag == "*" || value.Tag == tag);
}
