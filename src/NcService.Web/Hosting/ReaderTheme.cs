namespace NcService.Web.Hosting;

/// <summary>Light or dark, as the reader chose.</summary>
internal static class ReaderTheme
{
    /// <summary>The theme of the reader's cookie; null leaves it to the system.</summary>
    public static string? Chosen(HttpContext context)
    {
        var chosen = context.Request.Cookies["nc-theme"];
        return chosen is "light" or "dark" ? chosen : null;
    }
}
