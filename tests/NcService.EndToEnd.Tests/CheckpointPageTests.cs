using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>A checkpoint made elsewhere, taken in through the page.</summary>
[Collection(DashboardTests.Name)]
public sealed class CheckpointPageTests(Dashboard dashboard)
{
    private const string Configuration =
        """{"model_type": "gpt_neo", "vocab_size": 300, "hidden_size": 8, "num_layers": 1, "num_heads": 2, "max_position_embeddings": 32, "attention_types": [[["global"], 1]], "attention_layers": ["global"]}""";

    [BrowserFact]
    public async Task A_folder_is_uploaded_without_what_does_not_belong_to_it()
    {
        await AddDatasetAsync();
        var folder = Directory.CreateTempSubdirectory("a-small-model-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "README.md"), "not part of it");
            await using var visit = await dashboard.OpenAsync();
            var page = visit.Page;
            await page.GotoAsync("/import");
            await page.Locator("#checkpoint-files").SetInputFilesAsync(folder.FullName);
            await Expect(page.GetByLabel("Name of the run")).ToHaveValueAsync(folder.Name);
            await page.GetByLabel("Measured on").SelectOptionAsync("a prepared dataset");
            await page.GetByRole(AriaRole.Button, new() { Name = "Upload and measure" }).ClickAsync();
            await Expect(page.Locator("[data-fault]")).ToContainTextAsync("None of these files belongs to a checkpoint");

            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "config.json"), Configuration);
            await page.Locator("#checkpoint-files").SetInputFilesAsync(folder.FullName);
            await page.GetByRole(AriaRole.Button, new() { Name = "Upload and measure" }).ClickAsync();
            await Expect(page.Locator("[data-fault]")).ToContainTextAsync("There is neither model.safetensors nor");

            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "model.safetensors"), Tensors());
            await page.Locator("#checkpoint-files").SetInputFilesAsync(folder.FullName);
            await Expect(page.Locator("form[data-checkpoint] [data-file-name]")).ToContainTextAsync("2 of 3 files");
            await page.GetByRole(AriaRole.Button, new() { Name = "Upload and measure" }).ClickAsync();
            await Expect(page.Locator("h1")).ToHaveTextAsync(folder.Name);

            await using var store = dashboard.OpenStore();
            var run = await store.Runs.Include(run => run.Job).Include(run => run.Study).SingleAsync(run => run.Name == folder.Name);
            Assert.Equal(("checkpoints", 8, 1), (run.Study!.Name, run.Width, run.Depth));
            Assert.Equal((JobKind.ImportCheckpoint, JobState.Queued), (run.Job!.Kind, run.Job.State));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [BrowserFact]
    public async Task A_zip_archive_is_dropped_and_its_faults_are_told()
    {
        await AddDatasetAsync();
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await page.GotoAsync("/import");
        await page.GetByLabel("Measured on").SelectOptionAsync("a prepared dataset");
        await DropAsync("my model.zip", Zip(("../config.json", Encoding.UTF8.GetBytes(Configuration))));
        await Expect(page.GetByLabel("Name of the run")).ToHaveValueAsync("my model");
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and measure" }).ClickAsync();
        await Expect(page.Locator("[data-fault]")).ToContainTextAsync("leads out of it");

        await DropAsync("my model.zip", Zip(("my model/config.json", Encoding.UTF8.GetBytes(Configuration)), ("my model/model.safetensors", Tensors()), ("my model/train.py", [])));
        await Expect(page.Locator("form[data-checkpoint] [data-file-name]")).ToContainTextAsync("my model.zip");
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and measure" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("my model");
        await using var store = dashboard.OpenStore();
        Assert.Equal((8, 1), await store.Runs.Where(run => run.Name == "my model").Select(run => ValueTuple.Create(run.Width, run.Depth)).SingleAsync());

        Task DropAsync(string name, byte[] archive) => page.EvaluateAsync(
            """
            ([name, text]) => {
                const data = new DataTransfer();
                data.items.add(new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], name, { type: 'application/zip' }));
                document.getElementById('checkpoint-files').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
            }
            """, new[] { name, Convert.ToBase64String(archive) });
    }

    private async Task AddDatasetAsync()
    {
        await using var store = dashboard.OpenStore();
        if (await store.Datasets.AnyAsync(dataset => dataset.Name == "a prepared dataset")) return;
        store.Datasets.Add(new Dataset
        {
            Name = "a prepared dataset",
            Specification = """{"corpus": {"kind": "StateOfTheUnion"}, "tokenizer": {"kind": "Trained", "vocabularySize": 300}, "contextLength": 16}""",
            ArtifactPath = "datasets/none",
            Hash = "00",
            VocabularySize = 300,
            ContextLength = 16,
            TrainChunks = 4,
            ValidationChunks = 1,
            CreatedAt = DateTime.UtcNow,
        });
        await store.SaveChangesAsync();
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return memory.ToArray();
    }

    /// <summary>One number, in the safetensors format: the length of the header, the header, the data.</summary>
    private static byte[] Tensors()
    {
        var header = Encoding.UTF8.GetBytes("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""");
        var file = new byte[sizeof(long) + header.Length + sizeof(float)];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, sizeof(long));
        return file;
    }
}
