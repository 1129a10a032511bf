using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>Studies asked for over HTTP, and the rows and files that workers would leave of them.</summary>
internal static class WorkedStudy
{
    /// <summary>A study of three seeds with trainings, analyses and a permutation test (7 jobs), and a dataset with its job where there is none of that context length.</summary>
    public static async Task<long> CreateStudyAsync(ApiServer server, string name, int contextLength) => (await PostAsync(server, "/api/v1/studies", $$"""
        {"name": "{{name}}", "tokenizer": {"kind": "trained", "vocabularySize": 512}, "contextLength": {{contextLength}}, "heads": 2, "permutations": 100, "grids": [{"widths": [8], "depths": [1], "seeds": [0, 1, 2]}]}
        """)).GetProperty("study").GetProperty("id").GetInt64();

    /// <summary>Leaves rows and files as the workers do, and a message of each job's end to a webhook.</summary>
    public static Task<bool> FinishAsync(ApiServer server, long study) => server.InStoreAsync(async store =>
    {
        var webhook = new Webhook { Url = "https://hooks.example.org/nc", Secret = "s", CreatedAt = StoredStudy.Noon.AddYears(900) };
        store.Add(webhook);
        await store.SaveChangesAsync();
        var jobs = await store.Jobs.Where(job => job.StudyId == study || store.Studies.Any(row => row.Id == study && row.Dataset!.JobId == job.Id)).ToListAsync();
        foreach (var job in jobs)
        {
            (job.State, job.Attempt, job.FinishedAt) = (JobState.Succeeded, 1, StoredStudy.Noon);
            if (job.Kind != JobKind.PrepareDataset) store.Add(new WebhookDelivery { WebhookId = webhook.Id, JobId = job.Id, FinishedAt = StoredStudy.Noon });
            await WriteAsync(JobLog.ArtifactPath(job.Id));
            var parameters = JobParameters.FromJson(job.Parameters);
            if (parameters.DatasetId is { } dataset) await WriteAsync($"datasets/{dataset}/1/manifest.json");
        }
        foreach (var run in await store.Runs.Include(run => run.Analyses).Where(run => run.StudyId == study).ToListAsync())
        {
            (run.ArtifactPath, run.ValidationLoss) = ($"runs/{run.Id}/1", 2 + run.Seed);
            run.Checkpoints.Add(new Checkpoint { ArtifactPath = $"runs/{run.Id}/1/checkpoint", CreatedAt = StoredStudy.Noon });
            await WriteAsync($"runs/{run.Id}/1/checkpoint/model.safetensors");
            var analysis = run.Analyses[0];
            analysis.ArtifactPath = $"analyses/{analysis.Id}/1";
            analysis.Measurements.Add(new MeasurementRow { Name = "cdnv", Value = 3 + run.Seed });
            await WriteAsync($"analyses/{analysis.Id}/1/class_statistics.safetensors");
        }
        foreach (var test in await store.PermutationTests.Where(test => test.StudyId == study).ToListAsync()) test.Rows.Add(new PermutationTestRow { Measurement = "cdnv", Count = 3 });
        await store.SaveChangesAsync();
        return true;

        Task WriteAsync(string path) => server.Artifacts.WriteFileAsync(path, (_, _) => Task.CompletedTask, default);
    });

    /// <summary>How many rows belong to a study.</summary>
    public static Task<string> CountsAsync(ApiServer server, long study) => server.InStoreAsync(async store =>
    {
        var runs = await store.Runs.CountAsync(run => run.StudyId == study);
        var checkpoints = await store.Checkpoints.CountAsync(checkpoint => checkpoint.Run!.StudyId == study);
        var analyses = await store.Analyses.CountAsync(analysis => analysis.Run!.StudyId == study);
        var measurements = await store.Measurements.CountAsync(row => store.Analyses.Any(analysis => analysis.Id == row.AnalysisId && analysis.Run!.StudyId == study));
        var tests = await store.PermutationTests.CountAsync(test => test.StudyId == study);
        var rows = await store.Set<PermutationTestRow>().CountAsync(row => store.PermutationTests.Any(test => test.Id == row.ReportId && test.StudyId == study));
        var jobs = await store.Jobs.CountAsync(job => job.StudyId == study);
        var deliveries = await store.WebhookDeliveries.CountAsync(delivery => delivery.Job!.StudyId == study);
        return $"runs {runs}, checkpoints {checkpoints}, analyses {analyses}, measurements {measurements}, tests {tests}, rows {rows}, jobs {jobs}, deliveries {deliveries}";
    });

    public static Task<List<Job>> JobsAsync(ApiServer server, long study) => server.InStoreAsync(store => store.Jobs.AsNoTracking().Where(job => job.StudyId == study).OrderBy(job => job.Id).ToListAsync());

    /// <summary>The folders of a study's runs, analyses and jobs.</summary>
    public static Task<List<string>> FoldersAsync(ApiServer server, long study) => server.InStoreAsync(async store =>
    {
        var runs = await store.Runs.Where(run => run.StudyId == study).Select(run => $"runs/{run.Id}").ToListAsync();
        var analyses = await store.Analyses.Where(analysis => analysis.Run!.StudyId == study).Select(analysis => $"analyses/{analysis.Id}").ToListAsync();
        var jobs = await store.Jobs.Where(job => job.StudyId == study && job.Kind != JobKind.PrepareDataset).Select(job => $"jobs/{job.Id}").ToListAsync();
        return new List<string>([.. runs, .. analyses, .. jobs]).ConvertAll(server.Artifacts.Resolve);
    });

    public static async Task<JsonElement> PostAsync(ApiServer server, string path, string body = "", string? key = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (body.Length > 0) request.Content = new StringContent(body, null, type);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        var (status, json) = await ApiServer.SendAsync(server.Client, request);
        Assert.True((int)status is >= 200 and < 300, $"POST {path}: {(int)status} {json}");
        return json;
    }

    public static async Task<(HttpStatusCode Status, string? Detail)> DeleteAsync(ApiServer server, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/{path}");
        var (status, body) = await ApiServer.SendAsync(server.Client, request);
        return (status, body.ValueKind == JsonValueKind.Object ? body.GetProperty("detail").GetString() : null);
    }
}
