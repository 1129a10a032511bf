using NcService.Web.Dashboard.Components;
using NcService.Web.Hosting;

namespace NcService.Web.Dashboard;

/// <summary>What a browser gets where no page can be made without the store, as when it has to say whether the reader's token is still good.</summary>
internal static class UnansweredPage
{
    /// <summary>Writes the page, with the status 503 and the advice to ask again.</summary>
    public static Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.RetryAfter = $"{StoreWatch.Patience.TotalSeconds:0}";
        return context.Response.WriteAsync(PlainPage.Html(context, "No answer", """
                <h1>The store does not answer</h1>
                <p>It may be locked, overloaded or cut off; without it nobody can be let in. Jobs go on where they run.</p>
                <p><a class="button primary" href="">Ask again</a></p>
            """));
    }
}
