using System.Text;
using NcService.Core;
using NcService.Core.Text;

namespace NcService.Platform.Webhooks;

/// <summary>
/// Sends to addresses that people chose, and to nothing else: https to the hosts that the options list, at public addresses. Looked at when a webhook is
/// made, before each message, and at each connection, because a name may resolve to another address by then. Redirects are not followed.
/// </summary>
public sealed class WebhookClient : IDisposable
{
    private readonly DownloadPolicy policy;
    private readonly HttpClient client;

    /// <summary>A client of the hosts that the options allow.</summary>
    public WebhookClient(NcServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        policy = new DownloadPolicy
        {
            AllowedHosts = options.WebhookHosts.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            AllowLoopback = options.WebhooksToThisMachine,
        };
        // No proxy: through one, the address that is connected to could not be checked.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectCallback = ConnectAsync, MaxResponseHeadersLength = 16 };
        client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = 64 << 10 };
    }

    /// <summary>Refuses an address that may not be sent to.</summary>
    /// <exception cref="InputException">It is no https address of a listed host.</exception>
    public Uri Check(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)) throw new InputException("The URL is not an absolute address.");
        if (address.UserInfo.Length > 0) throw new InputException("The URL holds a user name; the signature says who sends.");
        if (policy.AllowedHosts.Count == 0 && !policy.AllowLoopback)
            throw new InputException($"No webhooks are possible: {NcServiceOptions.SectionName}:{nameof(NcServiceOptions.WebhookHosts)} lists no hosts.");
        policy.Check(address);
        return address;
    }

    /// <summary>Sends a message; returns what went wrong, or null where it was accepted (any 2xx).</summary>
    public async Task<string?> SendAsync(string url, string body, string signature, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Check(url)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add(WebhookSignature.Header, signature);
            request.Headers.UserAgent.ParseAdd("NcService");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"The receiver answered {(int)response.StatusCode}.";
        }
        catch (HttpRequestException fault)
        {
            return fault.InnerException is InputException refused ? refused.Message : fault.Message;
        }
        catch (InputException fault)
        {
            return fault.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The receiver did not answer within {client.Timeout.TotalSeconds:0} s.";
        }
    }

    /// <inheritdoc />
    public void Dispose() => client.Dispose();

    // The addresses are not named: what an inner name resolves to is nobody's business who makes a webhook.
    private ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) => policy.ConnectAsync(
        context.DnsEndPoint, _ => $"'{context.DnsEndPoint.Host}' resolves to no address that may be reached.", cancellationToken);
}
