using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.Net.Http.Headers;

namespace NcService.Web.Hosting;

/// <summary>Keeps one caller from taking the server from all others: each token may ask the API so often a second, and ten times that at once.</summary>
internal static class RequestRate
{
    private const int BurstSeconds = 10;

    /// <summary>Answers with 429 what passes the limit. Comes after authentication, which says who asks.</summary>
    public static void UseRequestRate(this WebApplication app)
    {
        var perSecond = app.Services.GetRequiredService<WebOptions>().RequestsPerSecond;
        var limiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(CallerOf(context), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond * BurstSeconds,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }));
        app.Lifetime.ApplicationStopped.Register(limiter.Dispose);
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api"), branch => branch.Use(async (context, next) =>
        {
            using var lease = limiter.AttemptAcquire(context);
            if (lease.IsAcquired)
            {
                await next(context);
                return;
            }
            context.Response.Headers[HeaderNames.RetryAfter] = "1";
            await Problems.WriteAsync(context, StatusCodes.Status429TooManyRequests, string.Create(CultureInfo.InvariantCulture, $"More than {perSecond} requests a second (NcService:RequestsPerSecond); ask more slowly."));
        }));
    }

    private static string CallerOf(HttpContext context) =>
        context.User.FindFirstValue(SignIn.TokenRegistry.TokenHashClaim) ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
}
