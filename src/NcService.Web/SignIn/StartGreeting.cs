using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using NcService.Web.Hosting;

namespace NcService.Web.SignIn;

/// <summary>Once the server listens: a last look at where, and the way in for the person at the terminal.</summary>
internal sealed class StartGreeting(IServer server, WebOptions options, TokenRegistry tokens, LoginLink link) : IHostedLifecycleService
{
    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (options is { RequireSignIn: true, Tokens.Count: 0 }) tokens.AcceptLocalToken();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        // However the addresses came about (code, command line, environment): thrown here, it ends the process.
        LoopbackBinding.RefuseOpenServer(addresses, options);
        // Standard output and not the log: logs are kept and shown to others.
        foreach (var address in addresses) Console.WriteLine($"NcService: {Invitation(address)}");
        return Task.CompletedTask;
    }

    private string Invitation(string address) => options switch
    {
        { RequireSignIn: false } => $"{address} (no sign-in: everybody on this machine may use it)",
        { Tokens.Count: > 0 } => $"{address} (sign in with a configured token)",
        _ => $"{link.Under(address)}\n  The link signs one browser in, once. Programs: Authorization: Bearer $(cat {tokens.LocalTokenPath})",
    };

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
