using System.Threading.RateLimiting;

namespace NcService.Web.SignIn;

/// <summary>Counts wrong tokens by address: after twenty in a minute the next wrong ones are answered with 429.</summary>
internal sealed class FailedSignIns : IDisposable
{
    private const int PerMinute = 20;
    private static readonly object s_refused = new();

    private readonly PartitionedRateLimiter<HttpContext> limiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetFixedWindowLimiter(
            context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new FixedWindowRateLimiterOptions { PermitLimit = PerMinute, Window = TimeSpan.FromMinutes(1) }));

    /// <summary>Counts one.</summary>
    public void Count(HttpContext context)
    {
        using var lease = limiter.AttemptAcquire(context);
        if (!lease.IsAcquired) context.Items[s_refused] = true;
    }

    /// <summary>Whether this request's wrong token was one too many.</summary>
    public static bool TooMany(HttpContext context) => context.Items.ContainsKey(s_refused);

    /// <inheritdoc />
    public void Dispose() => limiter.Dispose();
}
