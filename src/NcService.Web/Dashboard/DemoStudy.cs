using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Web.Dashboard;

/// <summary>What the button "Start the demo study" does. It is a plain form, so that it works where scripts do not.</summary>
internal static class DemoStudy
{
    /// <summary>Starts the demo, or finds the one that was started before, and goes to its page.</summary>
    public static async Task<RedirectHttpResult> StartAsync(
        HttpContext http, IAntiforgery antiforgery, StudyService service, IDbContextFactory<NcServiceContext> contexts, CancellationToken cancellationToken)
    {
        await antiforgery.ValidateRequestAsync(http);
        var definition = StudyPresets.All["demo"];
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var existing = await context.Studies.Where(study => study.Name == definition.Name).Select(study => (long?)study.Id).SingleOrDefaultAsync(cancellationToken);
        var id = existing ?? (await service.CreateAsync(definition, http.User.Identity?.Name, null, cancellationToken)).Id;
        return TypedResults.Redirect($"/studies/{id}");
    }
}
