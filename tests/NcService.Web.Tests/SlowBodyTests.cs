using System.Net.Sockets;
using System.Text;

namespace NcService.Web.Tests;

/// <summary>A server that answers one request a second.</summary>
public sealed class PatientServer : ApiServer
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("NcService:RequestsPerSecond", "1");
    }
}

/// <summary>Clients that ask without end.</summary>
public sealed class RequestRateTests(PatientServer server) : IClassFixture<PatientServer>
{
    [Fact]
    public async Task One_caller_is_slowed_down_and_others_are_not()
    {
        var statuses = new List<int>();
        for (var i = 0; i < 30; i++)
        {
            using var response = await server.Client.GetAsync("/api/v1/jobs");
            statuses.Add((int)response.StatusCode);
        }
        Assert.Contains(200, statuses);
        Assert.Equal(429, statuses[^1]);
        // Strangers are turned away as before, and health is told to anybody.
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await server.Stranger.GetAsync("/api/v1/jobs")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await server.Stranger.GetAsync("/health/live")).StatusCode);
    }
}

/// <summary>Clients that hold a connection open by sending next to nothing.</summary>
public sealed class SlowBodyTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("/api/v1/studies", "application/json")]
    [InlineData("/api/v1/checkpoints/upload?study=a&name=b&dataset=c", "multipart/form-data; boundary=b")]
    public async Task A_body_that_trickles_is_cut_off(string path, string type)
    {
        var address = server.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        var token = server.Client.DefaultRequestHeaders.Authorization;
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {token}\r\nContent-Type: {type}\r\nContent-Length: 1000\r\n\r\n{{"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        // The first line: the rest of the connection is cut off.
        var answer = await new StreamReader(stream).ReadLineAsync(patience.Token);
        Assert.Matches("^HTTP/1.1 4(00|08) ", answer);
    }
}
