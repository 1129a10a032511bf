using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using NcService.Platform;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.SignIn;

/// <summary>
/// Who comes in with which token: the configured ones, those of the store, and, where none is configured (loopback only), the local one.
/// Only hashes are kept and compared; how long a comparison takes tells something of a hash, never of a token.
/// </summary>
internal sealed class TokenRegistry(WebOptions options, NcServiceOptions platform, IDbContextFactory<NcServiceContext> contexts, TimeProvider time)
{
    /// <summary>Type of the claim that holds the hash of the token somebody came in with.</summary>
    public const string TokenHashClaim = "token";

    /// <summary>How exactly the last use is known: not every request writes.</summary>
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, ConfiguredToken> known = options.Tokens.ToDictionary(token => token.Hash.ToUpperInvariant());

    /// <summary>File of the local token, for programs on this machine that run as the same user.</summary>
    public string LocalTokenPath { get; } = Path.Combine(platform.DataDirectory, "api-token");

    /// <summary>Reads the local token, or makes it at the first start; readable by its owner alone.</summary>
    public void AcceptLocalToken()
    {
        if (!File.Exists(LocalTokenPath))
        {
            var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var writer = new StreamWriter(LocalTokenPath, file);
            writer.WriteLine(CreateToken());
        }
        var hash = HashOf(File.ReadAllText(LocalTokenPath).Trim());
        known[hash] = new ConfiguredToken { Name = "local", Hash = hash, Scope = Scopes.Admin };
    }

    /// <summary>Who a token stands for; null where it stands for nobody.</summary>
    public Task<ClaimsIdentity?> FindAsync(string token, string scheme, CancellationToken cancellationToken) => FindByHashAsync(HashOf(token), scheme, cancellationToken);

    /// <summary>Whether the token that somebody signed in with is still good.</summary>
    public async Task<bool> IsStillGoodAsync(ClaimsPrincipal principal, CancellationToken cancellationToken) =>
        principal.FindFirstValue(TokenHashClaim) is { } hash && await FindByHashAsync(hash, "", cancellationToken) is not null;

    private async Task<ClaimsIdentity?> FindByHashAsync(string hash, string scheme, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(hash, out var configured)) return Identity(configured.Name, hash, Scopes.Claims(configured.Scope), scheme);
        var now = time.GetUtcNow().UtcDateTime;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var stored = await context.ApiTokens.AsNoTracking().SingleOrDefaultAsync(token => token.Hash == hash, cancellationToken);
        if (stored is null || stored.RevokedAt is not null || stored.ExpiresAt <= now) return null;
        if (stored.LastUsedAt is null || now - stored.LastUsedAt > UseInterval)
            await context.ApiTokens.Where(token => token.Id == stored.Id).ExecuteUpdateAsync(set => set.SetProperty(token => token.LastUsedAt, now), cancellationToken);
        var scopes = stored.Scopes.Split(',', StringSplitOptions.TrimEntries).SelectMany(Scopes.Claims).DistinctBy(claim => claim.Value);
        return Identity(stored.Name, hash, scopes, scheme);
    }

    /// <summary>The local user, who needs no code again: signs in the browser that follows the login link.</summary>
    public Task<ClaimsIdentity?> LocalIdentityAsync(string scheme, CancellationToken cancellationToken) =>
        FindAsync(File.ReadAllText(LocalTokenPath).Trim(), scheme, cancellationToken);

    private static ClaimsIdentity Identity(string name, string hash, IEnumerable<Claim> scopes, string scheme) =>
        new([new Claim(ClaimTypes.Name, name), new Claim(TokenHashClaim, hash), .. scopes], scheme);

    /// <summary>A new token: 256 random bits.</summary>
    public static string CreateToken() => "nct_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is kept of a token. Plain SHA-256 will do: a token of 256 random bits cannot be guessed, however fast.</summary>
    public static string HashOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
