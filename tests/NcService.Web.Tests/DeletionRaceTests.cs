using System.Net;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using static NcService.Web.Tests.WorkedStudy;

namespace NcService.Web.Tests;

/// <summary>Deleting while something else happens: a fault, or somebody else's change.</summary>
[Collection(EachServerTests.Name)]
public sealed class DeletionRaceTests(EachServer servers)
{
    [Theory, EachStore]
    public async Task A_fault_before_the_commit_leaves_everything_as_it_was(StoreKind kind)
    {
        var server = await servers.OfAsync(kind);
        var study = await CreateStudyAsync(server, "struck", 64);
        await FinishAsync(server, study);
        var (before, folders) = (await CountsAsync(server, study), await FoldersAsync(server, study));
        // The last write before the commit fails, on a folder that is listed already.
        var run = (await server.GetJsonAsync($"/api/v1/studies/{study}/runs")).Items()[0].GetProperty("id").GetInt64();
        var obstacle = await server.AddAsync(new DeletedArtifact { Path = $"runs/{run}", DeletedAt = StoredStudy.Noon });
        Assert.Equal(HttpStatusCode.Conflict, (await DeleteAsync(server, $"studies/{study}")).Status);
        Assert.Equal(before, await CountsAsync(server, study));
        Assert.All(folders, folder => Assert.True(Directory.Exists(folder), folder));

        await server.InStoreAsync(store => store.DeletedArtifacts.Where(artifact => artifact.Path == obstacle.Path).ExecuteDeleteAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(server, $"studies/{study}")).Status);
        Assert.All(folders, folder => Assert.False(Directory.Exists(folder), folder));
    }

    [PostgreSqlFact]
    public async Task What_somebody_is_adding_to_a_study_is_waited_for()
    {
        var server = await servers.OfAsync(StoreKind.PostgreSql);
        var study = await server.AddAsync(StoredStudy.Trained("added to"));
        await using var adding = server.Services.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContext();
        await using var transaction = await adding.Database.BeginTransactionAsync();
        var run = StoredStudy.Run("01x0064_01d09", 64, 9);
        (run.StudyId, run.Job) = (study.Id, StoredStudy.Job(JobKind.ImportCheckpoint, JobState.Queued));
        adding.Add(run);
        await adding.SaveChangesAsync();

        var deleting = DeleteAsync(server, $"studies/{study.Id}");
        await WaitingAsync(server, "FOR UPDATE");
        await transaction.CommitAsync();

        Assert.Equal((HttpStatusCode.Conflict, $"Study {study.Id} has work that has not ended: job {run.JobId} (ImportCheckpoint) is queued. Cancel it first, or wait."), await deleting);
        Assert.Equal(9, (await server.GetJsonAsync($"/api/v1/studies/{study.Id}/runs")).GetProperty("total").GetInt32());
    }

    [PostgreSqlFact]
    public async Task A_job_that_is_queued_again_meanwhile_keeps_its_run()
    {
        var server = await servers.OfAsync(StoreKind.PostgreSql);
        var study = StoredStudy.Trained("tried again");
        study.Runs[0].Job = StoredStudy.Job(JobKind.ImportCheckpoint, JobState.Failed);
        await server.AddAsync(study);
        var job = study.Runs[0].JobId;
        await using var retrying = server.Services.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContext();
        await using var transaction = await retrying.Database.BeginTransactionAsync();
        await retrying.Jobs.Where(row => row.Id == job).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, JobState.Queued));

        var deleting = DeleteAsync(server, $"runs/{study.Runs[0].Id}");
        await WaitingAsync(server, "UPDATE \"Jobs\"");
        await transaction.CommitAsync();

        Assert.Equal((HttpStatusCode.Conflict, $"Run {study.Runs[0].Id} has work that has not ended: job {job} (ImportCheckpoint) is queued. Cancel it first, or wait."), await deleting);
        Assert.Equal("queued", (await server.GetJsonAsync($"/api/v1/jobs/{job}")).GetProperty("state").GetString());
    }

    [PostgreSqlFact]
    public async Task What_refers_to_something_that_is_being_deleted_is_refused_as_a_conflict()
    {
        var server = await servers.OfAsync(StoreKind.PostgreSql);
        var study = await server.AddAsync(StoredStudy.Trained("going"));
        await using var deleting = server.Services.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContext();
        await using var transaction = await deleting.Database.BeginTransactionAsync();
        await deleting.Analyses.Where(analysis => analysis.Run!.StudyId == study.Id).ExecuteDeleteAsync();
        await deleting.Studies.Where(row => row.Id == study.Id).ExecuteDeleteAsync();

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/studies/{study.Id}/permutation-tests") { Content = new StringContent("{}", null, "application/json") };
        var asking = ApiServer.SendAsync(server.Client, request);
        await WaitingAsync(server, "INSERT INTO \"PermutationTests\"");
        await transaction.CommitAsync();

        var (status, problem) = await asking;
        Assert.Equal((HttpStatusCode.Conflict, "What this refers to was deleted at the same moment; ask again."), (status, problem.GetProperty("detail").GetString()));
    }

    /// <summary>Waits until a statement of the server's waits for a lock of another's.</summary>
    private static async Task WaitingAsync(ApiServer server, string statement)
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(1); ; await Task.Delay(10))
        {
            var waiting = await server.InStoreAsync(store => store.Database.SqlQuery<string>($"SELECT query AS \"Value\" FROM pg_stat_activity WHERE wait_event_type = 'Lock'").ToListAsync());
            if (waiting.Exists(query => query.Contains(statement, StringComparison.Ordinal))) return;
            Assert.True(DateTime.UtcNow < deadline, $"Nothing with {statement} waits.");
        }
    }
}
