using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Platform;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Webhooks;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace NcService.Web.Tests;

/// <summary>A server that may send to this machine.</summary>
public sealed class SendingServer : ApiServer
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("NcService:WebhooksToThisMachine", "true");
    }
}

public sealed class WebhookTests(SendingServer server) : IClassFixture<SendingServer>
{
    [Fact]
    public async Task The_end_of_a_job_is_told_signed_and_again_until_it_arrives()
    {
        await using var receiver = await Receiver.StartAsync(refusals: 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/webhooks") { Content = JsonContent.Create(new { url = receiver.Url }) };
        var (status, made) = await ApiServer.SendAsync(server.Client, request);
        Assert.True(status == HttpStatusCode.Created, made.ToString());
        var (id, secret) = (made.GetProperty("id").GetInt64(), made.GetProperty("secret").GetString()!);
        Assert.DoesNotContain(secret, await server.Client.GetStringAsync("/api/v1/webhooks"), StringComparison.Ordinal);

        var job = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Queued));
        await server.Services.GetRequiredService<JobQueue>().CancelAsync(job.Id, default);
        await UntilAsync(() => receiver.Received.Count == 1);
        // The first answer was a 500: it is due again in some seconds, which the test does not wait for.
        await UntilAsync(async () => await server.InStoreAsync(store => store.WebhookDeliveries.AnyAsync(row => row.LastError != null && row.NextAttemptAt != null)));
        var waiting = Assert.Single((await server.GetJsonAsync($"/api/v1/webhooks/{id}/deliveries")).Items());
        Assert.Contains("500", waiting.GetProperty("lastError").GetString(), StringComparison.Ordinal);
        await server.InStoreAsync(store => store.WebhookDeliveries.ExecuteUpdateAsync(set => set.SetProperty(row => row.NextAttemptAt, DateTime.UtcNow)));
        await UntilAsync(() => receiver.Received.Count == 2);
        await UntilAsync(async () => await server.InStoreAsync(store => store.WebhookDeliveries.AnyAsync(row => row.DeliveredAt != null)));

        var (body, signature) = receiver.Received.Last();
        var parts = signature.Split(',').Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{parts["t"]}.{body}"))), parts["v1"]);
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(parts["t"]), -5, 60);
        var told = JsonSerializer.Deserialize<JsonElement>(body);
        Assert.Equal((job.Id, "cancelled", "trainRun"), (told.GetProperty("jobId").GetInt64(), told.GetProperty("state").GetString(), told.GetProperty("kind").GetString()));
        // Told once: a further round has nothing to say.
        Assert.Equal(0, await server.Services.GetRequiredService<WebhookSender>().SendDueAsync(default));
        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task A_listed_name_that_resolves_into_this_machine_is_not_sent_to_and_redirects_are_not_followed()
    {
        // localhost stands for any name whose address an attacker moves inwards after it was checked.
        using var client = new WebhookClient(new NcServiceOptions { WebhookHosts = "localhost" });
        Assert.Contains("no address that may be reached", await client.SendAsync("https://localhost/", "{}", "s", default), StringComparison.Ordinal);

        await using var receiver = await Receiver.StartAsync(refusals: 0, redirect: true);
        using var here = new WebhookClient(new NcServiceOptions { WebhooksToThisMachine = true });
        Assert.Contains("302", await here.SendAsync(receiver.Url, "{}", "s", default), StringComparison.Ordinal);
        Assert.Single(receiver.Received);
    }

    [Fact]
    public void Pauses_grow_to_half_a_day() =>
        Assert.Equal([5.0, 15, 45, 43200], new[] { 1, 2, 3, 12 }.Select(attempts => WebhookSender.PauseAfter(attempts).TotalSeconds));

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !await condition(); await Task.Delay(20)) Assert.True(DateTime.UtcNow < deadline, "Not within a minute.");
    }

    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication app;
        private int refusals;

        private Receiver(WebApplication app, int refusals) => (this.app, this.refusals) = (app, refusals);

        public ConcurrentQueue<(string Body, string Signature)> Received { get; } = new();

        public string Url => app.Urls.Single() + "/hook";

        public static async Task<Receiver> StartAsync(int refusals, bool redirect = false)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var receiver = new Receiver(builder.Build(), refusals);
            receiver.app.MapPost("/hook", async (HttpRequest request) =>
            {
                receiver.Received.Enqueue((await new StreamReader(request.Body).ReadToEndAsync(), request.Headers[WebhookSignature.Header].ToString()));
                return redirect ? HttpResults.Redirect("/hook") : Interlocked.Decrement(ref receiver.refusals) >= 0 ? HttpResults.StatusCode(500) : HttpResults.Ok();
            });
            await receiver.app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
