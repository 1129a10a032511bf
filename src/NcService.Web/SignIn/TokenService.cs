using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;
using NcService.Platform.Studies;

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
    /// <param name="lifetime">How long it is good; null for ever.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The secret.</returns>
    /// <exception cref="InputException">The name or scope is impossible.</exception>
    public async Task<string> CreateAsync(string? name, string scope, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        if (StudyValidation.CheckName(name) is { } wrong) throw new InputException(wrong);
        if (!Scopes.All.Contains(scope)) throw new InputException($"'{scope}' is no scope; it is one of: {string.Join(", ", Scopes.All)}.");
        var secret = TokenRegistry.CreateToken();
        var now = time.GetUtcNow().UtcDateTime;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.ApiTokens.Add(new ApiToken { Name = name!, Hash = TokenRegistry.HashOf(secret), Scopes = scope, CreatedAt = now, ExpiresAt = now + lifetime });
        await context.SaveChangesAsync(cancellationToken);
        return secret;
    }

    /// <summary>Revokes a token: from now on it lets nobody in.</summary>
    public async Task RevokeAsync(long id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.ApiTokens.Where(token => token.Id == id && token.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(token => token.RevokedAt, now), cancellationToken);
    }
}
