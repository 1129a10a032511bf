namespace NcService.Web.Hosting;

/// <summary>
/// Refuses what a foreign web page makes a person's browser send: a host name that is not ours (DNS rebinding), and a request that
/// changes something or opens a socket with a foreign Origin (cross-site request forgery).
/// </summary>
internal static class RequestOriginGuard
{
    private static readonly string[] s_loopbackHosts = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Checks Host and Origin of every request, before anything else looks at it.</summary>
    public static void UseRequestOriginGuard(this WebApplication app)
    {
        var configured = WebOptions.List(app.Services.GetRequiredService<WebOptions>().AllowedHosts);
        var hosts = s_loopbackHosts.Concat(configured).ToHashSet(StringComparer.OrdinalIgnoreCase);
        app.Use((context, next) => Refusal(context.Request, hosts) is { } refusal
            ? Problems.WriteAsync(context, refusal.Status, refusal.Detail)
            : next(context));
    }

    private static (int Status, string Detail)? Refusal(HttpRequest request, HashSet<string> hosts)
    {
        if (!hosts.Contains(request.Host.Host))
            return (StatusCodes.Status400BadRequest, "The Host header names a host that this server does not answer for; NcService:AllowedHosts lists its names.");
        if (ChangesOrConnects(request) && IsForeign(request))
            return (StatusCodes.Status403Forbidden, "The request comes from a page of another site; requests that change something must come from this server's own pages or from a program.");
        return null;
    }

    private static bool ChangesOrConnects(HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        || request.Headers.Upgrade.Count > 0
        || request.HttpContext.WebSockets.IsWebSocketRequest;

    // Only hosts are compared: behind a proxy that ends TLS the schemes differ. A page with an opaque origin sends "null".
    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is ["cross-site"]) return true;
        if (request.Headers.Origin is not { Count: > 0 } origin) return false;
        return !Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri)
            || !string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
