using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NcService.Core.Tests.Text;

/// <summary>A request as it came: path and headers.</summary>
internal sealed record ServedRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The first byte that a Range header asks for, or 0.</summary>
    public int RangeStart => Header("Range") is { } range ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
}

/// <summary>An answer; where <see cref="SentBytes"/> is less than the body, the connection is cut there.</summary>
internal sealed record ServedResponse(int Status, byte[] Body, params string[] Headers)
{
    public int? SentBytes { get; init; }
}

/// <summary>An HTTP server on a free loopback port that answers each request as the test says, and can cut a connection in the middle.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<int, ServedRequest, ServedResponse> answer;

    /// <summary>Starts to listen.</summary>
    /// <param name="answer">The answer to the request of a number (from 0).</param>
    public ScriptedServer(Func<int, ServedRequest, ServedResponse> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = ServeAsync();
    }

    public ConcurrentQueue<ServedRequest> Requests { get; } = new();

    public Uri Address(string path) => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}{path}");

    /// <summary>The usual file server: ETag, Range and If-Range as RFC 9110 says.</summary>
    public static ServedResponse File(ServedRequest request, byte[] content, string tag, int? cutAt = null)
    {
        var start = request.Header("If-Range") == tag ? request.RangeStart : 0;
        if (start >= content.Length && start > 0) return new ServedResponse(416, [], $"Content-Range: bytes */{content.Length}");
        var body = content[start..];
        var sent = cutAt is { } cut ? Math.Clamp(cut - start, 0, body.Length) : (int?)null;
        return start > 0
            ? new ServedResponse(206, body, $"ETag: {tag}", $"Content-Range: bytes {start}-{content.Length - 1}/{content.Length}") { SentBytes = sent }
            : new ServedResponse(200, body, $"ETag: {tag}") { SentBytes = sent };
    }

    public void Dispose() => listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            for (var number = 0; ; number++)
            {
                using var connection = await listener.AcceptTcpClientAsync();
                await AnswerAsync(connection.GetStream(), number);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream, int number)
    {
        try
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var path = (await reader.ReadLineAsync())!.Split(' ')[1];
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync() is { Length: > 0 } line) headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
            var request = new ServedRequest(path, headers);
            Requests.Enqueue(request);

            var response = answer(number, request);
            var head = new StringBuilder($"HTTP/1.1 {response.Status} Scripted\r\nContent-Length: {response.Body.Length}\r\nConnection: close\r\n");
            foreach (var header in response.Headers) head.Append(header).Append("\r\n");
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
            await stream.WriteAsync(response.Body.AsMemory(0, response.SentBytes ?? response.Body.Length));
        }
        catch (IOException)
        {
            // The client went away.
        }
    }
}
