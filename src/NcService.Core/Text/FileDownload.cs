using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace NcService.Core.Text;

/// <summary>How much of a file has arrived.</summary>
/// <param name="Bytes">Bytes there, those of earlier attempts included.</param>
/// <param name="TotalBytes">The file's size, where the server tells it.</param>
public sealed record DownloadProgress(long Bytes, long? TotalBytes);

/// <summary>A file that is there, whole.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">The SHA-256 of its content, in lower-case hexadecimal.</param>
public sealed record DownloadedFile(string Path, long Bytes, string Sha256);

/// <summary>
/// Downloads files over HTTP: resumes what was cut off, in this run or an earlier one, checks the content, and gives the file its name only when
/// it is whole. Addresses are checked against the policy before each request, each redirect and each connection.
/// </summary>
public sealed class FileDownload : IDisposable
{
    private const int MaximumRedirects = 5;
    private readonly DownloadPolicy policy;
    private readonly TimeProvider time;
    private readonly HttpClient client;

    /// <summary>Makes a downloader.</summary>
    /// <param name="policy">What may be reached.</param>
    /// <param name="time">The clock of the pauses between attempts; the system's without it.</param>
    public FileDownload(DownloadPolicy policy, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        this.policy = policy;
        this.time = time ?? TimeProvider.System;
        // No proxy: through one, the address that is connected to could not be checked. Redirects are followed by hand for the same reason.
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectCallback = ConnectAsync })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Brings a file. One that is there already stays as it is, where <paramref name="sha256"/> is its own or is not given.</summary>
    /// <param name="source">The address.</param>
    /// <param name="destination">The path to write; <c>.partial</c> files lie beside it until it is whole.</param>
    /// <param name="sha256">The SHA-256 that the content must have, in hexadecimal, or null to take any.</param>
    /// <param name="progress">Told after each piece.</param>
    /// <param name="cancellationToken">Stops the download; what has arrived stays for a later run.</param>
    /// <exception cref="InputException">The address is not allowed, the server refuses, the file is too large or has another SHA-256.</exception>
    /// <exception cref="IOException">The connection failed again and again.</exception>
    public async Task<DownloadedFile> FetchAsync(Uri source, string destination, string? sha256, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(destination);
        policy.Check(source);
        if (File.Exists(destination) && await DescribeAsync(destination, destination, cancellationToken) is var present && Accepts(sha256, present.Sha256)) return present;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(destination))!);

        var partial = new PartialFile(destination, source);
        var best = -1L;
        for (var failures = 0; ;)
        {
            try
            {
                var resumed = await AttemptAsync(source, partial, progress, cancellationToken);
                var file = await DescribeAsync(partial.Path, destination, cancellationToken);
                if (Accepts(sha256, file.Sha256))
                {
                    partial.Publish();
                    return file;
                }
                partial.Delete();
                var message = $"What '{DownloadPolicy.Shown(source)}' sent has the SHA-256 {file.Sha256}, expected {sha256}: not used.";
                // Two halves of different versions, which the server's mark did not tell apart: once more from the start.
                throw resumed ? new IOException(message) : new InputException(message);
            }
            catch (HttpRequestException e) when (e.InnerException is InputException refused)
            {
                throw new InputException(refused.Message, e); // From ConnectAsync; the client wraps what that throws.
            }
            catch (Exception e) when (IsTransient(e, cancellationToken))
            {
                failures = partial.Length > best ? 1 : failures + 1;
                best = Math.Max(best, partial.Length);
                if (failures >= policy.MaximumAttempts)
                    throw new IOException($"'{DownloadPolicy.Shown(source)}' could not be downloaded: {failures} attempts in a row brought nothing new. The last one: {e.Message}", e);
                await Task.Delay(Backoff(failures), time, cancellationToken);
            }
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => client.Dispose();

    private static bool Accepts(string? expected, string actual) => expected is null || expected.Equals(actual, StringComparison.OrdinalIgnoreCase);

    private static bool IsTransient(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private TimeSpan Backoff(int failures) => TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerMinute, policy.RetryDelay.Ticks << Math.Min(failures - 1, 16)));

    /// <summary>One request for what is missing; true where it resumed what was there.</summary>
    private async Task<bool> AttemptAsync(Uri source, PartialFile partial, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(policy.StallTimeout);
        var condition = partial.ResumeCondition();
        var start = condition is null ? 0 : partial.Length;
        using var response = await SendAsync(source, start, condition, stall.Token);
        var range = response.Content.Headers.ContentRange;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                start = 0;
                partial.Restart(response);
                break;
            case HttpStatusCode.PartialContent when start > 0:
                if (range?.From != start || !SameVersion(condition!, response))
                {
                    partial.Delete();
                    throw new IOException("The server sent another part than was asked for, or one of another version.");
                }
                break;
            case HttpStatusCode.RequestedRangeNotSatisfiable when start > 0:
                if (range?.Length == start) return true; // All had arrived, and only the renaming was missing.
                partial.Delete();
                throw new IOException("The server has less of the file than had arrived.");
            default:
                throw Refusal(source, response.StatusCode);
        }
        var total = range?.Length ?? (start + response.Content.Headers.ContentLength);
        await AppendAsync(response, partial.Path, total, progress, stall);
        if (total is not null && partial.Length != total) throw new IOException($"The connection ended after {partial.Length} of {total} bytes.");
        return start > 0;
    }

    private async Task AppendAsync(HttpResponseMessage response, string path, long? total, IProgress<DownloadProgress>? progress, CancellationTokenSource stall)
    {
        CheckSize(total ?? 0);
        await using var body = await response.Content.ReadAsStreamAsync(stall.Token);
        await using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var buffer = new byte[1 << 17];
        while (true)
        {
            stall.CancelAfter(policy.StallTimeout);
            var count = await body.ReadAsync(buffer, stall.Token);
            if (count == 0) return;
            CheckSize(file.Length + count);
            await file.WriteAsync(buffer.AsMemory(0, count), stall.Token);
            progress?.Report(new DownloadProgress(file.Length, total));
        }
    }

    private void CheckSize(long bytes)
    {
        if (bytes > policy.MaximumBytes) throw new InputException($"The file has {bytes} bytes or more; at most {policy.MaximumBytes} are downloaded.");
    }

    private async Task<HttpResponseMessage> SendAsync(Uri source, long start, RangeConditionHeaderValue? condition, CancellationToken cancellationToken)
    {
        var address = source;
        for (var redirects = 0; redirects <= MaximumRedirects; redirects++)
        {
            policy.Check(address);
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (condition is not null)
            {
                request.Headers.Range = new RangeHeaderValue(start, to: null);
                request.Headers.IfRange = condition;
            }
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return response;
            }
            using (response) address = new Uri(address, response.Headers.Location ?? throw Refusal(source, response.StatusCode));
        }
        throw new InputException($"'{DownloadPolicy.Shown(source)}' redirects more than {MaximumRedirects} times.");
    }

    private static bool SameVersion(RangeConditionHeaderValue condition, HttpResponseMessage response) =>
        condition.EntityTag is null || response.Headers.ETag is null || condition.EntityTag.Equals(response.Headers.ETag);

    private static Exception Refusal(Uri source, HttpStatusCode status)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"'{DownloadPolicy.Shown(source)}' answered {(int)status} ({status}).");
        var transient = (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
        return transient ? new IOException(message) : new InputException(message);
    }

    private ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) => policy.ConnectAsync(
        context.DnsEndPoint,
        addresses => $"'{context.DnsEndPoint.Host}' resolves to no address that may be reached ({string.Join(", ", addresses.Select(address => address.ToString()))}).",
        cancellationToken);

    private static async Task<DownloadedFile> DescribeAsync(string path, string name, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        var hash = await SHA256.HashDataAsync(stream, cancellationToken);
        return new DownloadedFile(name, stream.Length, Convert.ToHexStringLower(hash));
    }
}
