using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.StaticFiles;
using NcService.Web.Dashboard.Components;
using NcService.Web.Dashboard.Data;
using Radzen;

namespace NcService.Web.Dashboard;

/// <summary>Puts the dashboard into the web host.</summary>
public static class DashboardSetup
{
    /// <summary>Adds what the dashboard's pages need.</summary>
    public static WebApplicationBuilder AddDashboard(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // Files of packages are found by a manifest that is read in Development only, unless asked for; a published app has none and needs none.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddRadzenComponents();
        builder.Services.AddSingleton<AssetVersions>();
        builder.Services.AddScoped<StoreWatch>();
        builder.Services.AddSingleton<StudyQueries>();
        builder.Services.AddSingleton<RunQueries>();
        builder.Services.AddSingleton<RunDetailsQueries>();
        builder.Services.AddSingleton<JobQueries>();
        builder.Services.AddSingleton<ResultQueries>();
        builder.Services.AddSingleton<TestQueries>();
        builder.Services.AddSingleton<CurveStore>();
        builder.Services.AddSingleton<ThroughputQueries>();
        builder.Services.AddSingleton<DatasetQueries>();
        builder.Services.AddSingleton<AnalysisFiles>();
        return builder;
    }

    /// <summary>
    /// Answers a browser that asks for a page that isn't there with one that says so and leads on, the status being 404; and for one that can't be made because the store
    /// does not answer with one that says that, the status being 503. Call it before routing.
    /// </summary>
    public static WebApplication UseFaultPages(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseWhen(IsForPeople, branch =>
        {
            branch.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
            branch.Use(async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                catch (Exception exception) when (StoreFault.Is(exception) && exception is not IOException && !context.Response.HasStarted)
                {
                    context.RequestServices.GetRequiredService<ILogger<App>>().LogWarning(exception, "{Path} could not be made", context.Request.Path);
                    await UnansweredPage.WriteAsync(context);
                }
                if (context.Response.StatusCode != StatusCodes.Status404NotFound) context.Features.Get<IStatusCodePagesFeature>()!.Enabled = false;
            });
        });
        return app;
    }

    /// <summary>Serves scripts, style sheets and icons. They are public: call it before authorization.</summary>
    public static WebApplication UseDashboardFiles(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = KeepVersioned });
        return app;
    }

    /// <summary>Maps the pages. Needs authentication, authorization and antiforgery before it.</summary>
    public static WebApplication MapDashboard(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapPost("/dashboard/demo", DemoStudy.StartAsync).ExcludeFromDescription();
        app.MapGet("/dashboard/studies/{id:long}/runs.csv", RunsCsv.GetAsync).ExcludeFromDescription();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }

    private static bool IsForPeople(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && !context.Request.Path.StartsWithSegments("/api")
        && context.Request.Headers.Accept.Any(types => types?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);

    private static void KeepVersioned(StaticFileResponseContext context) =>
        context.Context.Response.Headers.CacheControl = context.Context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "no-cache";
}
