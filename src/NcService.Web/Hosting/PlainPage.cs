namespace NcService.Web.Hosting;

/// <summary>A page that needs neither script nor circuit nor store: the door, and what is said when nothing else can be.</summary>
internal static class PlainPage
{
    /// <summary>The page in the theme that the reader has chosen.</summary>
    /// <param name="context">The request.</param>
    /// <param name="title">What the tab is called.</param>
    /// <param name="content">HTML; what comes from outside is encoded in it already.</param>
    public static string Html(HttpContext context, string title, string content) =>
        $"""
        <!DOCTYPE html>
        <html lang="en"{(ReaderTheme.Chosen(context) is { } theme ? $" data-theme=\"{theme}\"" : "")}>
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>{title} · NcService</title>
          <link rel="icon" type="image/svg+xml" href="/dashboard/mark.svg">
          <link rel="stylesheet" href="/dashboard/tokens.css">
          <link rel="stylesheet" href="/dashboard/site.css">
          <link rel="stylesheet" href="/dashboard/parts.css">
        </head>
        <body>
          <main class="sign-in">
        {content}
          </main>
        </body>
        </html>
        """;
}
