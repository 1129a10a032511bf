using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Web.Hosting;
using NcService.Web.SignIn;

namespace NcService.Web.Tokens;

/// <summary>A token to be made.</summary>
internal sealed record TokenRequest
{
    /// <summary>What it is for; shown as the one who asked for a job.</summary>
    public required string Name { get; init; }

    /// <summary>read, submit or admin; each includes the ones before it.</summary>
    public required string Scope { get; init; }

    /// <summary>When it ceases to be valid (UTC); never without it.</summary>
    public DateTime? ExpiresAt { get; init; }
}

/// <summary>A token.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scope">read, submit or admin.</param>
/// <param name="CreatedAt">When it was made (UTC).</param>
/// <param name="ExpiresAt">When it ceases to be valid (UTC).</param>
/// <param name="RevokedAt">When it was revoked (UTC).</param>
/// <param name="LastUsedAt">When it was last used (UTC), to within a minute.</param>
/// <param name="Token">The token itself; shown once, when it is made, else null.</param>
internal sealed record TokenDetails(
    long Id, string Name, string Scope, DateTime CreatedAt, DateTime? ExpiresAt, DateTime? RevokedAt, DateTime? LastUsedAt, string? Token)
{
    /// <summary>The contract of a stored token.</summary>
    public static TokenDetails From(ApiToken stored, string? token = null) =>
        new(stored.Id, stored.Name, stored.Scopes, stored.CreatedAt, stored.ExpiresAt, stored.RevokedAt, stored.LastUsedAt, token);
}

/// <summary>Tokens: who may come in. Only their hashes are kept.</summary>
internal static class TokenEndpoints
{
    /// <summary>Maps /tokens.</summary>
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Tokens").RequireAuthorization(Scopes.Admin);
        tokens.MapGet("/", ListAsync).WithName("listTokens").WithSummary("Lists the tokens made here, without themselves; those of the configuration are not among them.");
        tokens.MapPost("/", CreateAsync).WithName("createToken").WithSummary("Makes a token. The answer shows it, once.")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        tokens.MapDelete("/{id}", RevokeAsync).WithName("revokeToken").WithSummary("Revokes a token at once, also for browsers that signed in with it; its row stays.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<Page<TokenDetails>> ListAsync([AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken) =>
        page.ReadAsync(context.ApiTokens.AsNoTracking().OrderByDescending(token => token.Id), stored => TokenDetails.From(stored), cancellationToken);

    private static async Task<Created<TokenDetails>> CreateAsync(TokenRequest request, TokenService tokens, CancellationToken cancellationToken)
    {
        var (stored, secret) = await tokens.CreateAsync(request.Name, request.Scope, request.ExpiresAt?.ToUniversalTime(), cancellationToken);
        return TypedResults.Created($"/api/v1/tokens/{stored.Id}", TokenDetails.From(stored, secret));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(long id, TokenService tokens, CancellationToken cancellationToken) =>
        await tokens.RevokeAsync(id, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("token", id);
}
