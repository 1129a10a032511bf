using NcService.Platform.Artifacts;

namespace NcService.Platform.Tests.Artifacts;

public sealed class AttemptFolderTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly ArtifactStore store;

    public AttemptFolderTests() => store = new ArtifactStore(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_attempt_takes_over_what_the_one_before_left_and_sweeps_what_is_half_written()
    {
        Assert.True(store.ClaimFolder("runs/7", 1));
        File.WriteAllText(store.Resolve("runs/7/1/state"), "saved");
        Directory.CreateDirectory(store.Resolve("runs/7/1.partial-0"));
        Assert.True(store.ClaimFolder("runs/7", 3));
        Assert.Equal(["3"], Names("runs/7"));
        Assert.Equal("saved", File.ReadAllText(store.Resolve("runs/7/3/state")));
    }

    [Fact]
    public void An_attempt_that_comes_too_late_gets_nothing()
    {
        Assert.True(store.ClaimFolder("runs/7", 2));
        Assert.False(store.ClaimFolder("runs/7", 1));
        Assert.Equal(["2"], Names("runs/7"));
    }

    [Fact]
    public void What_a_process_writes_that_has_lost_its_folder_does_not_reach_the_next_attempt()
    {
        store.ClaimFolder("runs/7", 1);
        using var log = new StreamWriter(File.Open(store.Resolve("runs/7/1/metrics.jsonl"), FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        log.Write("first\n");
        store.ClaimFolder("runs/7", 2);

        // As it wakes up: its open file, and a file by its path.
        log.Write("late\n");
        Assert.ThrowsAny<IOException>(() => File.WriteAllText(store.Resolve("runs/7/1/state"), "late"));
        using var next = File.Open(store.Resolve("runs/7/2/metrics.jsonl"), FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        Assert.Equal("first\n", new StreamReader(next).ReadToEnd());
    }

    [Fact]
    public void An_attempt_that_lost_its_job_takes_away_what_it_made_afterwards_and_nothing_else()
    {
        store.ClaimFolder("runs/7", 1);
        store.AbandonFolder("runs/7", 1);
        // Nobody has claimed it yet: the state in it is what the next attempt goes on from.
        Assert.Equal(["1"], Names("runs/7"));
        store.ClaimFolder("runs/7", 2);
        Directory.CreateDirectory(store.Resolve("runs/7/1/checkpoint"));
        store.AbandonFolder("runs/7", 1);
        Assert.Equal(["2"], Names("runs/7"));
    }

    [Fact]
    public void Of_attempts_that_claim_at_once_the_last_one_ends_with_the_folder()
    {
        for (var round = 0; round < 50; round++)
        {
            var root = $"runs/{round}";
            store.ClaimFolder(root, 1);
            File.WriteAllText(store.Resolve($"{root}/1/state"), "saved");
            var won = new bool[5];
            Parallel.For(2, 5, attempt => won[attempt] = store.ClaimFolder(root, attempt));
            Assert.True(won[4]);
            Assert.Equal("saved", File.ReadAllText(store.Resolve($"{root}/4/state")));
        }
    }

    private IEnumerable<string?> Names(string relative) => Directory.GetFileSystemEntries(store.Resolve(relative)).Select(Path.GetFileName);
}
