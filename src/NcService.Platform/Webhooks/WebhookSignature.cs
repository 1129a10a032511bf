using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NcService.Platform.Webhooks;

/// <summary>
/// What proves that a message is ours and fresh: <c>t=UNIX_SECONDS,v1=HEX</c>, where HEX is HMAC-SHA256 of <c>UNIX_SECONDS.BODY</c> under the webhook's
/// secret. Receivers compute the same, compare in constant time, and refuse old times.
/// </summary>
public static class WebhookSignature
{
    /// <summary>Name of the header.</summary>
    public const string Header = "NcService-Signature";

    /// <summary>The header's value for a body sent at a time.</summary>
    public static string Sign(string secret, DateTimeOffset time, string body)
    {
        var seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}"));
        return $"t={seconds},v1={Convert.ToHexStringLower(hash)}";
    }

    /// <summary>A new secret.</summary>
    public static string CreateSecret() => "whs_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
