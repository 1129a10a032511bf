using System.Globalization;
using System.Net;
using NcService.Core;
using NcService.Core.Text;

namespace NcService.Cli.Remote;

/// <summary>
/// Fetches files below one address, none larger than is sensible and all together no larger than was agreed. Redirects, as model hubs make them, are
/// followed by hand: never from https to http, and to no other host inside the network that this runs in, where an answer may be anybody's.
/// </summary>
internal sealed class CheckpointFetch : IDisposable
{
    private const int MaximumRedirects = 5;
    private const int Buffer = 1 << 17;
    private static readonly TimeSpan s_stall = TimeSpan.FromSeconds(60);

    private readonly DownloadPolicy _anywhereOutside = new() { AllowedHosts = [] };
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = s_stall }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Uri _root;
    private readonly long _maximumBytes;
    private long _fetchedBytes;

    /// <summary>Files below an address.</summary>
    /// <param name="root">An http(s) address.</param>
    /// <param name="maximumBytes">Most bytes of all files together.</param>
    /// <exception cref="InputException">It is no address of a folder.</exception>
    public CheckpointFetch(Uri root, long maximumBytes)
    {
        if (root.Scheme != Uri.UriSchemeHttp && root.Scheme != Uri.UriSchemeHttps) throw new InputException($"--checkpoint {root.Scheme}://…: only http and https addresses are fetched");
        if (root.Query.Length + root.Fragment.Length > 0) throw new InputException($"--checkpoint {Shown(root)}: the address of a folder is needed, without what follows ? or #");
        _root = new Uri(root.AbsoluteUri.TrimEnd('/') + "/");
        _maximumBytes = maximumBytes;
    }

    /// <summary>The address, without the user name and password that it may hold.</summary>
    public string Address => Shown(_root);

    /// <summary>Fetches a file; false where the server has none of that name.</summary>
    /// <param name="name">Its name below the address.</param>
    /// <param name="path">Where to write it.</param>
    /// <param name="largest">Most bytes that such a file may have; what is left of the limit for all, where null.</param>
    /// <param name="ct">Stops.</param>
    /// <exception cref="InputException">It could not be had, or is too large.</exception>
    public async Task<bool> TryFetchAsync(string name, string path, long? largest, CancellationToken ct)
    {
        var source = new Uri(_root, name);
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            stall.CancelAfter(s_stall);
            using var response = await SendAsync(source, stall.Token);
            if (response.StatusCode == HttpStatusCode.NotFound) return false;
            if (!response.IsSuccessStatusCode) throw new InputException($"{Shown(source)} answered {(int)response.StatusCode}");
            var left = _maximumBytes - _fetchedBytes;
            var (limit, why) = largest < left ? (largest.Value, $"no {name} is larger than {Bytes(largest.Value)}") : (left, $"a checkpoint may have {Bytes(_maximumBytes)} in all (--max-bytes)");
            if (response.Content.Headers.ContentLength > limit) throw new InputException($"{Shown(source)} has {Bytes(response.Content.Headers.ContentLength.Value)}; {why}");
            _fetchedBytes += await CopyAsync(response.Content, path, limit, () => new InputException($"{Shown(source)} goes on after {Bytes(limit)}; {why}"), stall);
            return true;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new InputException($"cannot fetch {Shown(source)}: {fault.Message}", fault);
        }
        catch (OperationCanceledException fault) when (!ct.IsCancellationRequested)
        {
            throw new InputException($"cannot fetch {Shown(source)}: nothing came for {s_stall.TotalSeconds:F0} s", fault);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<long> CopyAsync(HttpContent content, string path, long limit, Func<Exception> tooLarge, CancellationTokenSource stall)
    {
        await using var body = await content.ReadAsStreamAsync(stall.Token);
        await using var file = File.Create(path);
        var buffer = new byte[Buffer];
        for (var copied = 0L; ;)
        {
            stall.CancelAfter(s_stall);
            var count = await body.ReadAsync(buffer, stall.Token);
            if (count == 0) return copied;
            copied += count;
            if (copied > limit) throw tooLarge();
            await file.WriteAsync(buffer.AsMemory(0, count), stall.Token);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri source, CancellationToken ct)
    {
        var address = source;
        for (var redirects = 0; redirects <= MaximumRedirects; redirects++)
        {
            var response = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ct);
            if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is null) return response;
            using (response)
            {
                var next = new Uri(address, response.Headers.Location);
                await CheckRedirectAsync(address, next, ct);
                address = next;
            }
        }
        throw new InputException($"{Shown(source)} redirects more than {MaximumRedirects} times");
    }

    /// <summary>The named host is the caller's choice, inside or outside; another one is the server's.</summary>
    private async Task CheckRedirectAsync(Uri from, Uri to, CancellationToken ct)
    {
        if (to.Scheme != Uri.UriSchemeHttps && !(to.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp))
            throw new InputException($"{Shown(from)} redirects to a {to.Scheme} address, which is not followed");
        if (to.IdnHost.Equals(_root.IdnHost, StringComparison.OrdinalIgnoreCase)) return;
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(to.IdnHost, ct);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Where only a proxy knows names, it decides what can be reached; elsewhere the request fails with this reason.
            return;
        }
        if (!addresses.All(_anywhereOutside.MayConnect)) throw new InputException($"{Shown(from)} redirects to {to.IdnHost}, an address inside this network, which is not followed");
    }

    private static string Shown(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static string Bytes(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} bytes");
}
