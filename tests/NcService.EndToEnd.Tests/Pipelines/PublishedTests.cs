using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NcService.EndToEnd.Tests.Pipelines;

/// <summary>What only published programs can get wrong: the files of pages, and the worker beside the server.</summary>
[Collection(SingleMachineTests.Name)]
public sealed partial class PublishedTests(SingleMachine machine)
{
    [Fact]
    public async Task Every_script_and_style_sheet_that_the_first_page_names_is_there()
    {
        using var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() });
        using var arrived = await client.GetAsync(machine.LoginLink);
        var page = await arrived.Content.ReadAsStringAsync();
        Assert.True(arrived.StatusCode == HttpStatusCode.OK, page);
        var files = AssetAddress().Matches(page).Select(match => new Uri(machine.LoginLink, match.Value)).Append(new Uri(machine.LoginLink, "/lib/plotly.min.js")).Distinct().ToList();
        Assert.Contains(files, file => file.AbsolutePath.Contains("/blazor.web", StringComparison.Ordinal));
        Assert.Contains(files, file => file.AbsolutePath.Contains("/Radzen", StringComparison.Ordinal));
        foreach (var file in files)
        {
            using var response = await client.GetAsync(file);
            Assert.True(response.StatusCode == HttpStatusCode.OK && (await response.Content.ReadAsByteArrayAsync()).Length > 100, $"{file}: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task SIGTERM_stops_the_server_in_order_and_the_next_one_goes_on_with_its_job()
    {
        var random = new Random(5);
        var rows = string.Join('\n', Enumerable.Range(0, 250).Select(i => FormattableString.Invariant($"02x0064_01d{i:00},{random.NextDouble()},{random.NextDouble()}")));
        var study = (await PostAsync("/api/v1/imports?studyName=stopped", new StringContent($"model,val_loss,cdnv\n{rows}\n", System.Text.Encoding.UTF8, "text/csv"))).GetProperty("study").GetProperty("id").GetInt64();
        var job = (await PostAsync($"/api/v1/studies/{study}/permutation-tests", JsonContent.Create(new { measurements = new[] { "cdnv" }, permutations = 1_000_000_000 }))).GetProperty("jobId").GetInt64();
        var path = $"/api/v1/jobs/{job}";
        await JobAsync("running", 1);
        Assert.Equal(0, await machine.StopAsync());
        await machine.StartAsync();
        // Handed back, not lost and not failed: no try is counted.
        Assert.Equal(0, (await JobAsync("running", 2)).GetProperty("failedTries").GetInt32());
        await PostAsync($"{path}/cancel", null);
        await JobAsync("cancelled", 2);

        async Task<JsonElement> JobAsync(string state, int attempt)
        {
            for (var deadline = DateTime.UtcNow.AddMinutes(2); ; await Task.Delay(50))
            {
                var found = await machine.GetJsonAsync(path);
                if (found.GetProperty("state").GetString() == state && found.GetProperty("attempt").GetInt32() == attempt && (state != "running" || found.GetProperty("progress").GetDouble() > 0)) return found;
                Assert.True(DateTime.UtcNow < deadline, found.ToString());
            }
        }
    }

    private async Task<JsonElement> PostAsync(string path, HttpContent? content)
    {
        using (content)
        using (var response = await machine.Client.PostAsync(path, content))
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
    }

    [GeneratedRegex(@"(?<=(?:src|href)="")[^""]+\.(?:js|mjs|css)(?:\?[^""]*)?(?="")", RegexOptions.None, 1000)]
    private static partial Regex AssetAddress();
}
