using System.Security.Claims;

namespace NcService.Web.SignIn;

/// <summary>What a token allows. Each scope includes the ones before it.</summary>
internal static class Scopes
{
    /// <summary>See everything.</summary>
    public const string Read = "read";

    /// <summary>Create, cancel and retry.</summary>
    public const string Submit = "submit";

    /// <summary>Manage tokens.</summary>
    public const string Admin = "admin";

    /// <summary>Type of the claim that holds one scope.</summary>
    public const string ClaimType = "scope";

    /// <summary>All scopes, the least first; also the names of the policies that demand them.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Submit, Admin];

    /// <summary>Claims for a scope and those it includes.</summary>
    public static IEnumerable<Claim> Claims(string scope) => All.TakeWhile(known => known != scope).Append(scope).Select(known => new Claim(ClaimType, known));
}
