using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>Pages that change without being loaded again: what the circuit is for.</summary>
[Collection(DashboardTests.Name)]
public sealed class LiveTests(Dashboard dashboard)
{
    [BrowserFact]
    public async Task Typing_in_the_form_counts_the_runs_at_once()
    {
        await using var visit = await dashboard.OpenAsync();
        await visit.OpenAsync("/studies/new");
        await visit.Page.GetByLabel("Widths d").FillAsync("64, 128");
        await visit.Page.GetByLabel("Depths L").FillAsync("1, 2, 4");
        await visit.Page.GetByLabel("Seeds").FillAsync("0-3");
        await Expect(visit.Page.Locator("[data-value=runs]")).ToHaveTextAsync("24");

        await visit.Page.GetByLabel("Widths d").FillAsync("64, wide");
        await Expect(visit.Page.Locator("#grid0-widths-fault")).ToContainTextAsync("“wide” is not a whole number");
        Assert.Empty(visit.Faults);
    }

    [BrowserFact]
    public async Task What_a_worker_writes_appears_without_a_reload()
    {
        var jobId = await AddRunningStudyAsync();
        await using var visit = await dashboard.OpenAsync();
        await visit.OpenAsync("/");
        var bar = visit.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Progress of 01x0032_01d00" });
        await Expect(bar).ToHaveAttributeAsync("aria-valuenow", "25.0");

        await WriteAsync(jobId, job => job.Progress = 0.75);
        await Expect(bar).ToHaveAttributeAsync("aria-valuenow", "75.0");

        const string reason = "The training process was killed: out of memory.";
        await WriteAsync(jobId, job => (job.State, job.Error, job.FinishedAt) = (JobState.Failed, reason, DateTime.UtcNow));
        await Expect(visit.Page.GetByText(reason)).ToBeVisibleAsync();

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Run again" }).ClickAsync();
        await Expect(visit.Page.GetByText(reason)).Not.ToBeVisibleAsync();
        await using var store = dashboard.OpenStore();
        Assert.Equal(JobState.Queued, (await store.Jobs.SingleAsync(job => job.Id == jobId)).State);
        Assert.Empty(visit.Faults);
    }

    [BrowserFact]
    public async Task A_study_is_held_back_and_let_go_on()
    {
        var now = DateTime.UtcNow;
        var study = new Study { Name = "A study to hold", CreatedAt = now };
        study.Runs.AddRange(Enumerable.Range(0, 3).Select(seed => new Run
        {
            Name = $"01x0016_01d{seed:00}",
            Width = 16,
            Depth = 1,
            Epochs = 1,
            Seed = seed,
            ParameterCount = 9_000,
            CreatedAt = now,
            Job = new Job { Kind = JobKind.TrainRun, State = JobState.Queued, Parameters = "{}", CreatedAt = now },
        }));
        await using (var store = dashboard.OpenStore())
        {
            store.Studies.Add(study);
            await store.SaveChangesAsync();
            foreach (var run in study.Runs) run.Job!.StudyId = study.Id;
            await store.SaveChangesAsync();
        }
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await visit.OpenAsync($"/studies/{study.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeVisibleAsync();
        await Expect(page.Locator(".grid-runs .badge").First).ToHaveTextAsync("Paused");
        Assert.Equal([true, true, true], await PausedAsync());

        // One of them alone, from the page of its run.
        await visit.OpenAsync($"/runs/{study.Runs[0].Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();
        Assert.Equal([false, true, true], await PausedAsync());

        await visit.OpenAsync($"/studies/{study.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();
        Assert.Equal([false, false, false], await PausedAsync());
        Assert.Empty(visit.Faults);

        async Task<List<bool>> PausedAsync()
        {
            await using var store = dashboard.OpenStore();
            return await store.Jobs.Where(job => job.StudyId == study.Id).OrderBy(job => job.Id).Select(job => job.Paused).ToListAsync();
        }
    }

    private async Task<long> AddRunningStudyAsync()
    {
        await using var store = dashboard.OpenStore();
        var now = DateTime.UtcNow;
        var job = new Job { Kind = JobKind.TrainRun, State = JobState.Running, Parameters = "{}", Progress = 0.25, Attempt = 1, TokensPerSecond = 5e4, CreatedAt = now, StartedAt = now, HeartbeatAt = now, ProgressAt = now };
        var run = new Run { Name = "01x0032_01d00", Width = 32, Depth = 1, Epochs = 1, Seed = 0, ParameterCount = 80_000, CreatedAt = now, Job = job };
        store.Studies.Add(new Study { Name = "A study at work", CreatedAt = now, Runs = { run } });
        await store.SaveChangesAsync();
        return job.Id;
    }

    private async Task WriteAsync(long jobId, Action<Job> change)
    {
        await using var store = dashboard.OpenStore();
        change(await store.Jobs.SingleAsync(job => job.Id == jobId));
        await store.SaveChangesAsync();
    }
}
