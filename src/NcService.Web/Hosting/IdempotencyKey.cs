namespace NcService.Web.Hosting;

/// <summary>The header by which the same request, sent again, makes nothing twice.</summary>
internal static class IdempotencyKey
{
    /// <summary>Its name.</summary>
    public const string Header = "Idempotency-Key";

    private const int MaximumLength = 200;

    /// <summary>Refuses a key that is there and is none.</summary>
    /// <exception cref="FieldException">It is empty, too long or not printable.</exception>
    public static void Check(string? key, HttpRequest request)
    {
        if (request.Headers.ContainsKey(Header) && (string.IsNullOrWhiteSpace(key) || key.Length > MaximumLength || key.Any(char.IsControl)))
            throw new FieldException(Header, $"A key has 1 to {MaximumLength} printable characters.");
    }
}
