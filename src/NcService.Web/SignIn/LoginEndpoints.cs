using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

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
        if (code is null) return Page(returnUrl, null);
        return link.TryUse(code) && await tokens.LocalIdentityAsync(CookieAuthenticationDefaults.AuthenticationScheme, cancellationToken) is { } identity
            ? await EnterAsync(context, identity, returnUrl)
            : Page(returnUrl, "This link has been used. Sign in with a token, or restart the server for a new link.");
    }

    private static async Task<Results<RedirectHttpResult, ContentHttpResult>> PostAsync(
        HttpContext context, TokenRegistry tokens, FailedSignIns failures, CancellationToken cancellationToken)
    {
        if (!context.Request.HasFormContentType) return Page(null, "Fill in the form.", StatusCodes.Status400BadRequest);
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var returnUrl = form["returnUrl"].ToString();
        var token = form["token"].ToString().Trim();
        if (await tokens.FindAsync(token, CookieAuthenticationDefaults.AuthenticationScheme, cancellationToken) is { } identity)
            return await EnterAsync(context, identity, returnUrl);
        failures.Count(context);
        return FailedSignIns.TooMany(context)
            ? Page(returnUrl, "Too many wrong tokens; try again in a minute.", StatusCodes.Status429TooManyRequests)
            : Page(returnUrl, "There is no such token.");
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

    private static ContentHttpResult Page(string? returnUrl, string? fault, int status = 0) => TypedResults.Content(
        $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>Sign in – NcService</title>
          <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 15vh auto 0; padding: 0 1rem; color: #1c2430; background: #f6f7f9; }
            input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem .7rem; border-radius: 6px; border: 1px solid #8a94a3; }
            button { margin-top: .8rem; border: 0; background: #2350a8; color: #fff; cursor: pointer; }
            [role=alert] { color: #9c1c1c; }
            @media (prefers-color-scheme: dark) { body { color: #e6e9ee; background: #14181f; } input { background: #1f2530; color: inherit; } [role=alert] { color: #ff9d9d; } }
          </style>
        </head>
        <body>
          <h1>NcService</h1>
          {{(fault is null ? "" : $"<p role=\"alert\">{HtmlEncoder.Default.Encode(fault)}</p>")}}
          <form method="post" action="/login">
            <label for="token">Token</label>
            <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
            <input type="hidden" name="returnUrl" value="{{HtmlEncoder.Default.Encode(IsLocal(returnUrl) ? returnUrl! : "/")}}">
            <button type="submit">Sign in</button>
          </form>
          <p>The server prints a link at its start that signs you in once. On its own machine the file <code>api-token</code> in the data folder holds a token.</p>
        </body>
        </html>
        """,
        "text/html; charset=utf-8",
        statusCode: status != 0 ? status : fault is null ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized);
}
