using System.Net;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Checkpoints;
using NcService.Platform.Deleting;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using static NcService.Web.Tests.WorkedStudy;

namespace NcService.Web.Tests;

/// <summary>Deleting over HTTP: what goes, what stays, what is refused and why, on either database.</summary>
[Collection(EachServerTests.Name)]
public sealed class DeletionTests(EachServer servers)
{
    [Theory, EachStore]
    public async Task A_study_goes_with_all_that_belongs_to_it_and_nothing_else_does(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        var other = await CreateStudyAsync(server, "stays", 32);
        var study = await CreateStudyAsync(server, "goes", 32);
        var dataset = (await server.GetJsonAsync($"/api/v1/studies/{study}")).GetProperty("study").GetProperty("datasetId").GetInt64();
        await FinishAsync(server, other);
        await FinishAsync(server, study);
        // Prepared for the one, and used by both.
        await server.InStoreAsync(store => store.Jobs.Where(job => store.Datasets.Any(row => row.Id == dataset && row.JobId == job.Id)).ExecuteUpdateAsync(set => set.SetProperty(job => job.StudyId, study)));
        var before = await CountsAsync(server, other);
        Assert.Equal("runs 3, checkpoints 3, analyses 3, measurements 3, tests 1, rows 1, jobs 8, deliveries 7", await CountsAsync(server, study));
        var folders = await FoldersAsync(server, study);
        Assert.Equal(13, folders.Count(Directory.Exists));

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"studies/{study}")).Status);

        Assert.Equal("runs 0, checkpoints 0, analyses 0, measurements 0, tests 0, rows 0, jobs 0, deliveries 0", await CountsAsync(server, study));
        Assert.Equal(before, await CountsAsync(server, other));
        Assert.All(folders, folder => Assert.False(Directory.Exists(folder), folder));
        Assert.All(await FoldersAsync(server, other), folder => Assert.True(Directory.Exists(folder), folder));
        Assert.Equal("succeeded", (await server.GetJsonAsync($"/api/v1/datasets/{dataset}")).GetProperty("state").GetString());
        Assert.True(Directory.Exists(server.Artifacts.Resolve($"datasets/{dataset}/1")));
        foreach (var path in new[] { $"studies/{study}", $"studies/{study}/runs", $"studies/{study}/results" }) Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/api/v1/{path}")).StatusCode);
        Assert.Equal((HttpStatusCode.NotFound, $"There is no study {study}."), await DeleteAsync(server, $"studies/{study}"));
        // What rows there are refer to rows that there are.
        Assert.Equal(0, await server.InStoreAsync(store => store.Measurements.CountAsync(row => !store.Analyses.Any(analysis => analysis.Id == row.AnalysisId))));
        Assert.Equal(0, await server.InStoreAsync(store => store.JobDependencies.CountAsync(edge => !store.Jobs.Any(job => job.Id == edge.JobId) || !store.Jobs.Any(job => job.Id == edge.DependsOnJobId))));
    }

    [Theory, EachStore]
    public async Task Work_that_has_not_ended_holds_what_it_works_for_and_is_named(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        var study = await CreateStudyAsync(server, "at work", 40);
        var before = await CountsAsync(server, study);
        var jobs = await JobsAsync(server, study);
        var (training, test) = (jobs.First(job => job.Kind == JobKind.TrainRun), jobs.Single(job => job.Kind == JobKind.PermutationTest));
        await server.InStoreAsync(store => store.Jobs.Where(job => job.Id == training.Id).ExecuteUpdateAsync(set => set.SetProperty(job => job.State, JobState.Running)));
        await PostAsync(server, $"/api/v1/jobs/{test.Id}/pause");

        var refused = await DeleteAsync(server, $"studies/{study}");
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.StartsWith($"Study {study} has work that has not ended: job {training.Id} (TrainRun) is running, job ", refused.Detail, StringComparison.Ordinal);
        Assert.EndsWith("(TrainRun) is queued and 4 more. Cancel it first, or wait.", refused.Detail, StringComparison.Ordinal);
        var report = (await server.GetJsonAsync($"/api/v1/studies/{study}/permutation-tests")).Items()[0].GetProperty("id").GetInt64();
        Assert.Equal((HttpStatusCode.Conflict, $"Permutation test {report} has work that has not ended: job {test.Id} (PermutationTest) is paused. Cancel it first, or wait."), await DeleteAsync(server, $"permutation-tests/{report}"));
        Assert.Equal(before, await CountsAsync(server, study));

        // Cancelled, what runs has yet to stop.
        await PostAsync(server, $"/api/v1/studies/{study}/cancel");
        refused = await DeleteAsync(server, $"studies/{study}");
        Assert.Equal((HttpStatusCode.Conflict, $"Study {study} has work that has not ended: job {training.Id} (TrainRun) is running. Cancel it first, or wait."), refused);
        await server.InStoreAsync(store => store.Jobs.Where(job => job.Id == training.Id).ExecuteUpdateAsync(set => set.SetProperty(job => job.State, JobState.Cancelled)));
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"studies/{study}")).Status);
    }

    [Theory, EachStore]
    public async Task A_run_and_its_analysis_are_kept_while_a_test_rests_on_them(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        var study = await CreateStudyAsync(server, "tested", 48);
        await FinishAsync(server, study);
        var runs = await server.GetJsonAsync($"/api/v1/studies/{study}/runs");
        var run = runs.Items()[1].GetProperty("id").GetInt64();
        var analysis = (await server.GetJsonAsync($"/api/v1/runs/{run}/analyses")).Items()[0].GetProperty("id").GetInt64();
        var test = (await server.GetJsonAsync($"/api/v1/studies/{study}/permutation-tests")).Items()[0].GetProperty("id").GetInt64();

        Assert.Equal((HttpStatusCode.Conflict, $"Run {run} is used by permutation test {test}. Delete that first."), await DeleteAsync(server, $"runs/{run}"));
        Assert.Equal((HttpStatusCode.Conflict, $"Analysis {analysis} is used by permutation test {test}. Delete that first."), await DeleteAsync(server, $"analyses/{analysis}"));
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"permutation-tests/{test}")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"analyses/{analysis}")).Status);
        Assert.Equal("runs 3, checkpoints 3, analyses 2, measurements 2, tests 0, rows 0, jobs 6, deliveries 5", await CountsAsync(server, study));
        Assert.False(Directory.Exists(server.Artifacts.Resolve($"analyses/{analysis}")));
        Assert.True(Directory.Exists(server.Artifacts.Resolve($"runs/{run}/1")));
        Assert.Equal(0, (await server.GetJsonAsync($"/api/v1/runs/{run}")).GetProperty("analysisIds").GetArrayLength());

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"runs/{run}")).Status);
        Assert.Equal("runs 2, checkpoints 2, analyses 2, measurements 2, tests 0, rows 0, jobs 5, deliveries 4", await CountsAsync(server, study));
        Assert.False(Directory.Exists(server.Artifacts.Resolve($"runs/{run}")));
        Assert.Equal(2, (await server.GetJsonAsync($"/api/v1/studies/{study}/results")).GetProperty("total").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync(server, $"runs/{run}")).Status);
    }

    [Theory, EachStore]
    public async Task A_dataset_is_kept_while_it_is_prepared_or_used_and_its_id_is_never_given_again(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        const string body = """{"name": "a corpus", "specification": {"contextLength": 24}}""";
        var dataset = await PostAsync(server, "/api/v1/datasets", body, "a corpus");
        var (id, job) = (dataset.GetProperty("id").GetInt64(), dataset.GetProperty("jobId").GetInt64());
        Assert.Equal((HttpStatusCode.Conflict, $"Dataset {id} has work that has not ended: job {job} (PrepareDataset) is queued. Cancel it first, or wait."), await DeleteAsync(server, $"datasets/{id}"));
        await server.InStoreAsync(store => store.Jobs.Where(row => row.Id == job).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, JobState.Succeeded)));

        var study = (await PostAsync(server, "/api/v1/studies", """{"name": "on the corpus", "dataset": "a corpus", "heads": 2, "grids": [{"widths": [8], "depths": [1]}]}""")).GetProperty("study").GetProperty("id").GetInt64();
        await PostAsync(server, $"/api/v1/studies/{study}/cancel");
        Assert.Equal((HttpStatusCode.Conflict, $"Dataset {id} is used by study {study} ('on the corpus'). Delete that first."), await DeleteAsync(server, $"datasets/{id}"));
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"studies/{study}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"datasets/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/api/v1/datasets/{id}")).StatusCode);

        // Name and key are free again; the id, which names folders, is not.
        Assert.True((await PostAsync(server, "/api/v1/datasets", body, "a corpus")).GetProperty("id").GetInt64() > id);
    }

    [Theory, EachStore]
    public async Task An_imported_table_is_deleted_as_a_study_and_imported_again_under_its_key(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        var first = await ImportAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"studies/{first.Study}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/api/v1/jobs/{first.Job}")).StatusCode);
        var second = await ImportAsync();
        Assert.True(second.Study > first.Study && second.Job > first.Job);
        Assert.Equal(2, (await server.GetJsonAsync($"/api/v1/studies/{second.Study}/runs")).GetProperty("total").GetInt32());

        async Task<(long Job, long Study)> ImportAsync()
        {
            var job = (await PostAsync(server, "/api/v1/imports?studyName=a%20table", "model,val_loss,cdnv\n02x0064_01d00,1,2\n02x0064_01d01,2,3\n", "a table", "text/csv")).GetProperty("id").GetInt64();
            var attempt = await server.Services.GetRequiredService<JobTransitions>().TryTakeAsync(job, "test", default);
            Assert.Equal(JobState.Succeeded, await server.Services.GetRequiredService<JobRunner>().ExecuteAsync(job, attempt!.Value, default));
            return (job, (await server.GetJsonAsync("/api/v1/studies?search=a%20table")).Items()[0].GetProperty("id").GetInt64());
        }
    }

    [Theory, EachStore]
    public async Task A_token_that_may_only_read_deletes_nothing(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        var study = await server.AddAsync(StoredStudy.Trained($"read only {kind}"));
        using var reader = server.CreateClient((await PostAsync(server, "/api/v1/tokens", """{"name": "reader", "scope": "read"}""")).GetProperty("token").GetString()!);
        foreach (var path in new[] { $"studies/{study.Id}", $"runs/{study.Runs[0].Id}", $"analyses/{study.Runs[0].Analyses[0].Id}", "datasets/1", "permutation-tests/1" })
            Assert.Equal(HttpStatusCode.Forbidden, (await reader.DeleteAsync($"/api/v1/{path}")).StatusCode);
        Assert.Equal(8, (await server.GetJsonAsync($"/api/v1/studies/{study.Id}/results")).GetProperty("total").GetInt32());
    }

    [Theory, EachStore]
    public async Task Files_that_cannot_be_deleted_are_taken_away_by_the_sweep(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        var study = await CreateStudyAsync(server, "held files", 56);
        await FinishAsync(server, study);
        var run = server.Artifacts.Resolve($"runs/{(await server.GetJsonAsync($"/api/v1/studies/{study}/runs")).Items()[0].GetProperty("id").GetInt64()}");
        var outside = Directory.CreateDirectory(Path.Combine(server.DataDirectory, $"outside {kind}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "kept"), "");
        Directory.Delete(run, recursive: true);
        Directory.CreateSymbolicLink(run, outside);

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"studies/{study}")).Status);
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
        Assert.Equal("runs 0, checkpoints 0, analyses 0, measurements 0, tests 0, rows 0, jobs 0, deliveries 0", await CountsAsync(server, study));

        // What stood in the way has gone.
        Directory.Delete(run);
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(run, "1")).FullName, "model.safetensors"), "");
        Assert.Equal(1, await server.Services.GetRequiredService<DeletedArtifacts>().SweepAsync(default));
        Assert.False(Directory.Exists(run));
    }

    [Theory, EachStore]
    public async Task The_key_of_a_run_is_a_conflict_without_its_analysis_and_free_without_the_run(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        var run = StoredStudy.Run("built", 64, null);
        (run.Job, run.Study) = (StoredStudy.Job(JobKind.ImportCheckpoint, JobState.Succeeded), new Study { Name = "from elsewhere", ImportedFrom = CheckpointImport.Source, CreatedAt = StoredStudy.Noon });
        run.Job.IdempotencyKey = "from elsewhere";
        run.Analyses.Add(new Analysis { CreatedAt = StoredStudy.Noon, Job = StoredStudy.Job(JobKind.AnalyseCheckpoint, JobState.Succeeded) });
        await server.AddAsync(run);
        await server.AddAsync(new Dataset { Name = "measured on", Specification = "{}", ContextLength = 8, CreatedAt = StoredStudy.Noon });

        Assert.Equal((HttpStatusCode.Accepted, null), await AskAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"analyses/{run.Analyses[0].Id}")).Status);
        Assert.Equal((HttpStatusCode.Conflict, $"Idempotency key 'from elsewhere' was used before, for run {run.Id}, whose analysis has been deleted."), await AskAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"runs/{run.Id}")).Status);
        var (status, detail) = await AskAsync();
        // A request like any other, of a folder that no setting allows.
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("CheckpointDirectories", detail, StringComparison.Ordinal);

        async Task<(HttpStatusCode Status, string? Detail)> AskAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/checkpoints")
            {
                Content = new StringContent("""{"study": "from elsewhere", "name": "built", "dataset": "measured on", "path": "x"}""", null, "application/json"),
            };
            request.Headers.Add("Idempotency-Key", "from elsewhere");
            var (answer, body) = await ApiServer.SendAsync(server.Client, request);
            return (answer, body.TryGetProperty("detail", out var text) ? text.GetString() : null);
        }
    }
}
