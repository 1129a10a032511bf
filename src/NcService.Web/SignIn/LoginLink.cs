using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace NcService.Web.SignIn;

/// <summary>The one-time code of the link that is printed at start: who reads the terminal owns the server.</summary>
internal sealed class LoginLink
{
    private byte[]? code = RandomNumberGenerator.GetBytes(32);

    /// <summary>The address to open under <paramref name="server"/>; null once it was used.</summary>
    public string? Under(string server) => code is { } bytes ? $"{server.TrimEnd('/')}/login?code={Base64Url.EncodeToString(bytes)}" : null;

    /// <summary>Uses up the code; false where it is another or was used before.</summary>
    public bool TryUse(string text)
    {
        var present = code;
        return present is not null
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Base64Url.EncodeToString(present)), Encoding.UTF8.GetBytes(text))
            && Interlocked.CompareExchange(ref code, null, present) == present;
    }
}
