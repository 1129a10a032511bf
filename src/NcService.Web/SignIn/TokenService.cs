using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Hosting;

namespace NcService.Web.SignIn;

/// <summary>Makes and revokes the tokens of the store. What lets anybody in is shown once; the store keeps its hash.</summary>
internal sealed class TokenService(IDbContextFactory<NcServiceContext> contexts, TimeProvider time)
{
    /// <summary>All tokens, newest first, revoked ones too.</summary>
    public async Task<IReadOnlyList<ApiToken>> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ApiTokens.AsNoTracking().OrderByDescending(token => token.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Makes a token.</summary>
    /// <param name="name">What it is for.</param>
    /// <param name="scope">One of <see cref="Scopes.All"/>.</param>
    /// <param name="expiresAt">When it ceases to be valid (UTC); never where it is null.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What is stored, and the secret, which is not.</returns>
    /// <exception cref="FieldException">The name, the scope or the time is impossible.</exception>
    public async Task<(ApiToken Stored, string Secret)> CreateAsync(string? name, string scope, DateTime? expiresAt, CancellationToken cancellationToken)
    {
        if (StudyValidation.CheckName(name) is { } wrong) throw new FieldException("name", wrong);
        if (!Scopes.All.Contains(scope)) throw new FieldException("scope", $"It is one of: {string.Join(", ", Scopes.All)}.");
        var now = time.GetUtcNow().UtcDateTime;
        if (expiresAt <= now) throw new FieldException("expiresAt", "The token would have expired already.");
        var secret = TokenRegistry.CreateToken();
        var stored = new ApiToken { Name = name!, Hash = TokenRegistry.HashOf(secret), Scopes = scope, CreatedAt = now, ExpiresAt = expiresAt };
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.ApiTokens.Add(stored);
        await context.SaveChangesAsync(cancellationToken);
        return (stored, secret);
    }

    /// <summary>Revokes a token: from now on it lets nobody in.</summary>
    /// <returns>False where there is none.</returns>
    public async Task<bool> RevokeAsync(long id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await context.ApiTokens.AnyAsync(token => token.Id == id, cancellationToken)) return false;
        var now = time.GetUtcNow().UtcDateTime;
        await context.ApiTokens.Where(token => token.Id == id && token.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(token => token.RevokedAt, now), cancellationToken);
        return true;
    }
}
