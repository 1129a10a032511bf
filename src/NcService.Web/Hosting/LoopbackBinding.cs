using System.Net;
using NcService.Core;

namespace NcService.Web.Hosting;

/// <summary>Where the server listens: loopback, unless a person configured an address.</summary>
internal static class LoopbackBinding
{
    /// <summary>The address of a server that was told nothing.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>Listens on <see cref="DefaultUrl"/> where neither URLs, ports nor Kestrel endpoints are configured.</summary>
    public static void BindToLoopbackByDefault(this WebApplicationBuilder builder)
    {
        if (!ConfiguredAddresses(builder.Configuration).Any()) builder.WebHost.UseUrls(DefaultUrl);
    }

    /// <summary>Every address that the configuration names: URLs, Kestrel endpoints, and ports (which listen on every address).</summary>
    public static IEnumerable<string> ConfiguredAddresses(IConfiguration configuration)
    {
        foreach (var url in Split(configuration["urls"])) yield return url;
        foreach (var port in Split(configuration["http_ports"])) yield return $"http://*:{port}";
        foreach (var port in Split(configuration["https_ports"])) yield return $"https://*:{port}";
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            if (endpoint["Url"] is { Length: > 0 } url) yield return url;
        }
    }

    /// <summary>True where only this machine can reach <paramref name="address"/>.</summary>
    public static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return true;
        return IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);
    }

    /// <summary>Refuses addresses that other machines reach, unless tokens say who may come in.</summary>
    /// <exception cref="InputException">The server would be open.</exception>
    public static void RefuseOpenServer(IEnumerable<string> addresses, WebOptions options)
    {
        if (addresses.FirstOrDefault(address => !IsLoopback(address)) is not { } open) return;
        if (options.Tokens.Count == 0)
            throw new InputException($"{open} is reachable from other machines and no tokens are configured: set NcService:Tokens (Name, Hash, Scope), or listen on {DefaultUrl}.");
        if (!options.RequireSignIn)
            throw new InputException($"{open} is reachable from other machines: NcService:RequireSignIn = false is possible on loopback only.");
    }

    private static string[] Split(string? list) => WebOptions.List(list ?? "");
}
