using System.Net;
using System.Net.Sockets;

namespace NcService.Core.Text;

/// <summary>What a download may reach and how hard it tries.</summary>
public sealed record DownloadPolicy
{
    /// <summary>The hosts that may be asked, also by redirects: exact names, or <c>*.example.org</c> for all below a name.</summary>
    public required IReadOnlyList<string> AllowedHosts { get; init; }

    /// <summary>Whether addresses of this machine may be asked, also over plain http. Off unless the caller means it.</summary>
    public bool AllowLoopback { get; init; }

    /// <summary>The largest file that is taken, in bytes.</summary>
    public long MaximumBytes { get; init; } = 16L << 30;

    /// <summary>Give up after so many attempts in a row that brought nothing new.</summary>
    public int MaximumAttempts { get; init; } = 5;

    /// <summary>The pause after a first failure; doubled after each further one, up to a minute.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A connection that brings nothing for so long counts as cut.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Checks an address before it is asked.</summary>
    /// <exception cref="InputException">Scheme or host is not allowed.</exception>
    public void Check(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri) throw new InputException($"'{address}' is not an absolute address.");
        if (AllowLoopback && address.IsLoopback && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)) return;
        if (address.Scheme != Uri.UriSchemeHttps) throw new InputException($"'{Shown(address)}' is not an https address; only those are downloaded from.");
        if (!AllowedHosts.Any(pattern => Matches(pattern, address.IdnHost)))
            throw new InputException($"The host '{address.IdnHost}' is not among the allowed ones ({string.Join(", ", AllowedHosts)}).");
    }

    /// <summary>
    /// Whether a resolved address may be connected to: a public one, or a loopback one where those are allowed. Checked when connecting, so
    /// that an allowed name that resolves into an inner network leads nowhere.
    /// </summary>
    public bool MayConnect(IPAddress address) => IPAddress.IsLoopback(address) ? AllowLoopback : IsPublic(address);

    /// <summary>Connects a client to a host at those of its addresses that may be reached. For <see cref="System.Net.Http.SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="endPoint">The host and its port.</param>
    /// <param name="refusal">Says that none of the addresses may be reached.</param>
    /// <param name="cancellationToken">Stops resolving and connecting.</param>
    /// <exception cref="InputException">None of the addresses may be reached.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, Func<IPAddress[], string> refusal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(refusal);
        var addresses = await Dns.GetHostAddressesAsync(endPoint.Host, cancellationToken);
        var allowed = Array.FindAll(addresses, MayConnect);
        if (allowed.Length == 0) throw new InputException(refusal(addresses));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, endPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An address without user, query and fragment, which may hold secrets.</summary>
    internal static string Shown(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static bool Matches(string pattern, string host) =>
        pattern.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);

    private static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // Global unicast is 2000::/3; the rest is unspecified, mapped, unique local, link-local, multicast or reserved.
            // 2002::/16 (6to4) and 2001::/32 (Teredo) lead on to IPv4 addresses of any kind.
            return (bytes[0] & 0xE0) == 0x20 && (bytes[0], bytes[1]) != (0x20, 0x02) && !(bytes is [0x20, 0x01, 0, 0, ..]);
        }
        return (bytes[0], bytes[1]) switch
        {
            (0 or 10 or 127, _) or (169, 254) or (172, >= 16 and <= 31) or (192, 168) or (100, >= 64 and <= 127) or (198, 18 or 19) => false,
            (192, 0) => bytes[2] is not (0 or 2),
            ( >= 224, _) => false,
            _ => true,
        };
    }
}
