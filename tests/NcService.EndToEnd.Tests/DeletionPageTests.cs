using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>Deleting from the pages: asked once more, refused in words, and gone.</summary>
[Collection(DashboardTests.Name)]
public sealed class DeletionPageTests(Dashboard dashboard)
{
    [BrowserFact]
    public async Task A_study_and_then_its_dataset_are_deleted_after_a_second_question()
    {
        var now = DateTime.UtcNow;
        var study = new Study
        {
            Name = "to be deleted",
            CreatedAt = now,
            Dataset = new Dataset { Name = "its corpus", Specification = """{"contextLength":128}""", ContextLength = 128, CreatedAt = now },
            Runs = { new Run { Name = "01x0064_01d00", Width = 64, Depth = 1, Epochs = 1, Imported = true, ValidationLoss = 2, CreatedAt = now } },
        };
        await using (var store = dashboard.OpenStore())
        {
            store.Add(study);
            await store.SaveChangesAsync();
        }
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await visit.OpenAsync($"/datasets/{study.DatasetId}");
        await AskAsync("dataset");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync($"Dataset {study.DatasetId} is used by study {study.Id} ('to be deleted'). Delete that first.");

        await visit.OpenAsync($"/studies/{study.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete study" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep" }).ClickAsync();
        await AskAsync("study");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Studies");
        await visit.OpenAsync($"/datasets/{study.DatasetId}");
        await AskAsync("dataset");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Datasets");

        await using var after = dashboard.OpenStore();
        Assert.False(await after.Studies.AnyAsync(row => row.Id == study.Id) || await after.Runs.AnyAsync(row => row.StudyId == study.Id) || await after.Datasets.AnyAsync(row => row.Id == study.DatasetId));
        Assert.Empty(visit.Faults);

        async Task AskAsync(string thing)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = $"Delete {thing}" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = $"Yes, delete {thing}" }).ClickAsync();
        }
    }
}
