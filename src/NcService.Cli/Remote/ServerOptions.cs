using System.CommandLine;

namespace NcService.Cli.Remote;

/// <summary>What every remote verb takes.</summary>
internal static class ServerOptions
{
    public static Option<string?> Server() => new("--server")
    {
        Description = $"Address of the server; {ServerClient.AddressVariable} unless given. The token is read from {ServerClient.TokenVariable}",
        HelpName = "URL",
    };
}
