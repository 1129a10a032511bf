using System.ComponentModel;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using NcService.Core;
using NcService.Platform.Artifacts;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using Npgsql;

namespace NcService.Platform.Tests.Jobs;

/// <summary>How whoever executes a job reads what went wrong: what may have passed by the next try is tried again, the rest is the job's end.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class JobFaultTests(PostgreSqlServer server)
{
    /// <summary>What an executor throws, and whether the next try may fare better.</summary>
    public static TheoryData<StoreKind, Exception, bool> Faults
    {
        get
        {
            (Exception Fault, bool TriedAgain)[] faults =
            [
                (new IOException("No space left on device", 28), true),
                (new AggregateException(new IOException("Stale file handle", 116)), true),
                (new NpgsqlException("Exception while reading from stream", new IOException("Connection reset by peer")), true),
                (new InsufficientMemoryException("no memory is left"), true),
                (new Win32Exception(12), true),
                (new InputException("the corpus is empty", new IOException("closed")), false),
                (new FileNotFoundException("the shard is gone"), false),
                (new EndOfStreamException("the header is cut off"), false),
                (new Win32Exception(2), false),
                (new InvalidOperationException("a fault of ours"), false),
            ];
            var data = new TheoryData<StoreKind, Exception, bool>();
            foreach (var kind in PostgreSqlServer.SkipReason is null ? new[] { StoreKind.Sqlite, StoreKind.PostgreSql } : [StoreKind.Sqlite])
                foreach (var (fault, triedAgain) in faults) data.Add(kind, fault, triedAgain);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_may_pass_by_itself_is_tried_again_and_bad_input_is_not(StoreKind kind, Exception fault, bool triedAgain)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var job = await ExecuteAsync(platform, new Does(() => throw fault));
        Assert.Equal((triedAgain ? JobState.Queued : JobState.Failed, triedAgain ? 1 : 0), (job.State, job.FailedTries));
        Assert.Contains(fault.Message, triedAgain ? job.ProgressText : job.Error, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task What_the_database_says_is_read_by_its_code()
    {
        await using var platform = await server.CreatePlatformAsync(StoreKind.PostgreSql);
        foreach (var code in (string[])["40001", "40P01", "53100", "53200", "53300", "55P03", "57P03", "58030", "08006"])
        {
            var job = await ExecuteAsync(platform, new Does(() => SayAsync(platform, code)));
            Assert.Equal((code, JobState.Queued, 1), (code, job.State, job.FailedTries));
            Assert.Contains($"The store did not answer: {code}: as the test asked", job.ProgressText, StringComparison.Ordinal);
        }
        foreach (var code in (string[])["22012", "23505", "42P01", "P0001"])
        {
            var job = await ExecuteAsync(platform, new Does(() => SayAsync(platform, code)));
            Assert.Equal((code, JobState.Failed, $"PostgresException: {code}: as the test asked"), (code, job.State, job.Error));
        }
    }

    [PostgreSqlFact]
    public async Task A_job_whose_session_is_ended_or_whose_database_stops_is_tried_again()
    {
        await using var platform = await server.CreatePlatformAsync(StoreKind.PostgreSql);
        var job = await ExecuteAsync(platform, new Does(() => QueryAsync(platform, "SELECT pg_terminate_backend(pg_backend_pid())")));
        Assert.Equal((JobState.Queued, 1), (job.State, job.FailedTries));

        job = await ExecuteAsync(platform, new Does(async () =>
        {
            await server.StopAsync("immediate");
            try
            {
                await QueryAsync(platform, "SELECT 1");
            }
            finally
            {
                await server.StartAsync();
            }
        }));
        Assert.Equal((JobState.Queued, 1), (job.State, job.FailedTries));
        Assert.Contains("The store did not answer", job.ProgressText, StringComparison.Ordinal);
    }

    [Theory, EachStore]
    public async Task Results_that_the_store_refuses_fail_the_job_with_what_it_said(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        await using (var store = platform.OpenStore())
        {
            store.Add(new Study { Name = "taken", CreatedAt = DateTime.UtcNow });
            await store.SaveChangesAsync();
        }
        var job = await ExecuteAsync(platform, new Does(() => Task.CompletedTask, (store, _) =>
        {
            store.Add(new Study { Name = "taken", CreatedAt = DateTime.UtcNow });
            return Task.CompletedTask;
        }));
        Assert.Equal((JobState.Failed, 0), (job.State, job.FailedTries));
        Assert.Contains(kind == StoreKind.Sqlite ? "UNIQUE constraint failed: Studies.Name" : "duplicate key value violates unique constraint \"IX_Studies_Name\"", job.Error, StringComparison.Ordinal);
        await using var after = platform.OpenStore();
        Assert.Equal(1, await after.Studies.CountAsync());
    }

    [PostgreSqlFact]
    public async Task Results_that_meet_a_passing_fault_are_written_again_and_cost_no_try()
    {
        await using var platform = await server.CreatePlatformAsync(StoreKind.PostgreSql);
        var writes = 0;
        var job = await ExecuteAsync(platform, new Does(() => Task.CompletedTask, async (store, token) =>
        {
            store.Add(new Study { Name = "written once", CreatedAt = DateTime.UtcNow });
            await store.SaveChangesAsync(token);
            if (++writes == 1) await store.Database.ExecuteSqlRawAsync(Saying("40001"), token);
        }));
        Assert.Equal((JobState.Succeeded, 0, 2), (job.State, job.FailedTries, writes));
        await using var after = platform.OpenStore();
        Assert.Equal("written once", await after.Studies.Select(study => study.Name).SingleAsync());
    }

    private static async Task<Job> ExecuteAsync(TestPlatform platform, IJobExecutor executor)
    {
        var id = (await platform.Get<JobQueue>().EnqueueAsync(new JobRequest(JobKind.PermutationTest, new JobParameters { PermutationTestId = 1 }), default)).Id;
        await platform.Get<JobTransitions>().TryTakeAsync(id, "node", default);
        var runner = new JobRunner(
            platform.Get<IDbContextFactory<NcServiceContext>>(), platform.Get<JobTransitions>(), [executor], platform.Get<ArtifactStore>(), platform.Get<Uploads>(), TimeProvider.System, NullLogger<JobRunner>.Instance);
        var state = await runner.ExecuteAsync(id, 1, default);
        var job = await PermutationJobs.JobAsync(platform, id);
        Assert.Equal(state, job.State);
        return job;
    }

    private static Task SayAsync(TestPlatform platform, string code) => QueryAsync(platform, Saying(code));

    /// <summary>Makes the server itself raise an error of a code (SQLSTATE).</summary>
    private static string Saying(string code) => $"DO $$ BEGIN RAISE EXCEPTION 'as the test asked' USING ERRCODE = '{code}'; END $$";

    private static async Task QueryAsync(TestPlatform platform, string sql)
    {
        await using var store = platform.OpenStore();
        await store.Database.ExecuteSqlRawAsync(sql);
    }

    private sealed class Does(Func<Task> work, ResultWriter? write = null) : IJobExecutor
    {
        public JobKind Kind => JobKind.PermutationTest;

        public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
        {
            await work();
            return write ?? ((_, _) => Task.CompletedTask);
        }
    }
}
