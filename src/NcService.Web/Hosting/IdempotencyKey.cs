using System.Security.Cryptography;
using System.Text.Json;
using NcService.Platform.Jobs;

namespace NcService.Web.Hosting;

/// <summary>The header by which the same request, sent again, makes nothing twice.</summary>
internal static class IdempotencyKey
{
    /// <summary>Its name.</summary>
    public const string Header = "Idempotency-Key";

    private const int MaximumLength = 200;

    /// <summary>Who asks, and what a request sent again is known by: its key, and a digest of what it asks for.</summary>
    /// <param name="http">The request.</param>
    /// <param name="key">Its key, if it has one.</param>
    /// <param name="asked">All that it asks for.</param>
    public static RequestOrigin OriginOf(HttpContext http, string? key, object asked) =>
        new(http.User.Identity?.Name, key, key is null ? null : Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(asked, JsonSerializerOptions.Web))));

    /// <summary>Refuses a key that is there and is none.</summary>
    /// <exception cref="FieldException">It is empty, too long or not printable.</exception>
    public static void Check(string? key, HttpRequest request)
    {
        if (request.Headers.ContainsKey(Header) && (string.IsNullOrWhiteSpace(key) || key.Length > MaximumLength || key.Any(char.IsControl)))
            throw new FieldException(Header, $"A key has 1 to {MaximumLength} printable characters.");
    }
}
