using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using NcService.Core;
using NcService.Platform;
using NcService.Web.Dashboard.Components;
using NcService.Web.Hosting;

namespace NcService.Web.SignIn;

/// <summary>Who comes in: programs with a token, people with a cookie they got for one. What is not opened by name is closed.</summary>
internal static class SignInSetup
{
    private const string Chosen = "NcService";

    /// <summary>Adds authentication and authorization.</summary>
    /// <exception cref="InputException">The server would be open to other machines.</exception>
    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        var options = WebOptions.Read(builder.Configuration);
        LoopbackBinding.RefuseOpenServer(LoopbackBinding.ConfiguredAddresses(builder.Configuration), options);
        var services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton<TokenRegistry>();
        services.AddSingleton<TokenService>();
        services.AddSingleton<FailedSignIns>();
        services.AddSingleton<LoginLink>();
        services.AddHostedService<StartGreeting>();

        services.AddAuthentication(Chosen)
            .AddPolicyScheme(Chosen, null, scheme => scheme.ForwardDefaultSelector = context =>
                !options.RequireSignIn ? EveryoneAuthentication.SchemeName
                : context.Request.Headers.Authorization.Count > 0 ? TokenAuthentication.SchemeName
                : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, EveryoneAuthentication>(EveryoneAuthentication.SchemeName, null)
            .AddCookie(ConfigureCookie);
        var authorization = services.AddAuthorizationBuilder();
        foreach (var scope in Scopes.All) authorization.AddPolicy(scope, policy => policy.RequireClaim(Scopes.ClaimType, scope));
        // What says nothing of itself needs submit: the dashboard's pages create and cancel without asking for the scope again.
        authorization.SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireClaim(Scopes.ClaimType, Scopes.Submit).Build());

        var keys = Path.Combine(Path.GetFullPath(builder.Configuration["NcService:DataDirectory"] ?? new NcServiceOptions().DataDirectory), "keys");
        if (!OperatingSystem.IsWindows()) Directory.CreateDirectory(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        services.AddDataProtection().SetApplicationName("NcService").PersistKeysToFileSystem(new DirectoryInfo(keys));
    }

    private static void ConfigureCookie(CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "ncservice";
        cookie.Cookie.HttpOnly = true;
        // Lax, not strict: the printed link is often opened from a page (a terminal in a browser), and its redirect must carry the cookie.
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.ExpireTimeSpan = TimeSpan.FromDays(14);
        cookie.LoginPath = "/login";
        cookie.ReturnUrlParameter = "returnUrl";
        cookie.Events.OnRedirectToLogin = context => ChallengeAsync(context, StatusCodes.Status401Unauthorized);
        cookie.Events.OnRedirectToAccessDenied = context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return context.Request.Path.StartsWithSegments("/api") ? Task.CompletedTask : context.Response.WriteAsync("The token you signed in with only reads, over the API; pages need the scope submit.");
        };
        cookie.Events.OnValidatePrincipal = async context =>
        {
            var services = context.HttpContext.RequestServices;
            using var patience = new CancellationTokenSource(StoreWatch.Patience, services.GetRequiredService<TimeProvider>());
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.HttpContext.RequestAborted);
            try
            {
                if (!await services.GetRequiredService<TokenRegistry>().IsStillGoodAsync(context.Principal!, either.Token)) context.RejectPrincipal();
            }
            catch (OperationCanceledException exception) when (patience.IsCancellationRequested)
            {
                throw new TimeoutException("The store did not say whether the reader's token is still good.", exception);
            }
        };
    }

    private static Task ChallengeAsync(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html"))
        {
            context.Response.Redirect(context.RedirectUri);
            return Task.CompletedTask;
        }
        context.Response.StatusCode = status;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }
}
