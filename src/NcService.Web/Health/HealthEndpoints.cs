using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Web.Health;

/// <summary>A health answer.</summary>
/// <param name="Status">"ok".</param>
internal sealed record HealthReport(string Status);

/// <summary>Whether the process lives, and whether it can serve.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Maps /health.</summary>
    public static void MapHealth(this WebApplication app)
    {
        var health = app.MapGroup("/health").WithTags("Health").AllowAnonymous();
        health.MapGet("/live", () => new HealthReport("ok")).WithName("isLive").WithSummary("200 while the process answers.");
        health.MapGet("/ready", ReadyAsync).WithName("isReady").WithSummary("200 while the store answers, else 503.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<HealthReport>, ProblemHttpResult>> ReadyAsync(NcServiceContext context, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            _ = await context.Studies.AnyAsync(patience.Token);
            return TypedResults.Ok(new HealthReport("ok"));
        }
        catch (Exception fault) when (fault is System.Data.Common.DbException or OperationCanceledException or InvalidOperationException)
        {
            return TypedResults.Problem("The store does not answer.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
