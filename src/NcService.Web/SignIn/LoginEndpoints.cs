using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using NcService.Web.Hosting;

namespace NcService.Web.SignIn;

/// <summary>Pages for people: sign in by the printed link or with a token, sign out.</summary>
internal static class LoginEndpoints
{
    /// <summary>Maps /login and /logout.</summary>
    public static void MapSignIn(this WebApplication app)
    {
        app.MapGet("/login", GetAsync).AllowAnonymous().ExcludeFromDescription();
        // No antiforgery token: the origin guard has refused foreign pages already, and nobody is signed in yet whom they could abuse.
        app.MapPost("/login", PostAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/logout", LogoutAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<Results<RedirectHttpResult, ContentHttpResult>> GetAsync(
        [FromQuery] string? code, [FromQuery] string? returnUrl, HttpContext context, TokenRegistry tokens, LoginLink link, CancellationToken cancellationToken)
    {
        if (code is null) return Page(context, returnUrl, null);
        return link.TryUse(code) && await tokens.LocalIdentityAsync(CookieAuthenticationDefaults.AuthenticationScheme, cancellationToken) is { } identity
            ? await EnterAsync(context, identity, returnUrl)
            : Page(context, returnUrl, "This link has been used. Sign in with a token, or restart the server for a new link.");
    }

    private static async Task<Results<RedirectHttpResult, ContentHttpResult>> PostAsync(
        HttpContext context, TokenRegistry tokens, FailedSignIns failures, CancellationToken cancellationToken)
    {
        if (!context.Request.HasFormContentType) return Page(context, null, "Fill in the form.", StatusCodes.Status400BadRequest);
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var returnUrl = form["returnUrl"].ToString();
        var token = form["token"].ToString().Trim();
        if (await tokens.FindAsync(token, CookieAuthenticationDefaults.AuthenticationScheme, cancellationToken) is { } identity)
            return await EnterAsync(context, identity, returnUrl);
        failures.Count(context);
        return FailedSignIns.TooMany(context)
            ? Page(context, returnUrl, "Too many wrong tokens; try again in a minute.", StatusCodes.Status429TooManyRequests)
            : Page(context, returnUrl, "There is no such token.");
    }

    private static async Task<RedirectHttpResult> LogoutAsync(HttpContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.LocalRedirect("/login");
    }

    private static async Task<RedirectHttpResult> EnterAsync(HttpContext context, ClaimsIdentity identity, string? returnUrl)
    {
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity));
        return TypedResults.LocalRedirect(IsLocal(returnUrl) ? returnUrl! : "/");
    }

    // Browsers take a backslash for a slash, and two slashes for another server.
    private static bool IsLocal(string? url) => url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl);

    private static ContentHttpResult Page(HttpContext context, string? returnUrl, string? fault, int status = 0) => TypedResults.Content(
        PlainPage.Html(
            context, "Sign in",
            $"""
                <h1>NcService</h1>
                {(fault is null ? "" : $"<p role=\"alert\" class=\"notice bad\">{HtmlEncoder.Default.Encode(fault)}</p>")}
                <form method="post" action="/login" class="field">
                  <label for="token">Token</label>
                  <input id="token" name="token" class="input" type="password" autocomplete="current-password" required autofocus>
                  <input type="hidden" name="returnUrl" value="{HtmlEncoder.Default.Encode(IsLocal(returnUrl) ? returnUrl! : "/")}">
                  <button type="submit" class="button primary">Sign in</button>
                </form>
                <p class="small muted">The server prints a link at its start that signs you in once. On its own machine the file <code>api-token</code> in the data folder holds a token.</p>
            """),
        "text/html; charset=utf-8",
        statusCode: status != 0 ? status : fault is null ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized);
}
