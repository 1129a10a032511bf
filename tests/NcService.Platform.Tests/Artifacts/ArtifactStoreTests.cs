using System.Runtime.Versioning;
using System.Text;
using NcService.Core;
using NcService.Platform.Artifacts;

namespace NcService.Platform.Tests.Artifacts;

public sealed class ArtifactStoreTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly ArtifactStore store;

    public ArtifactStoreTests() => store = new ArtifactStore(folder.Path);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("..")]
    [InlineData("../secret")]
    [InlineData("runs/../../secret")]
    [InlineData("runs/7/..")]
    [InlineData(".")]
    [InlineData("./runs")]
    [InlineData("/etc/passwd")]
    [InlineData("//proc/self/environ")]
    [InlineData("//proc/../etc/passwd")]
    [InlineData("runs//7")]
    [InlineData("runs/7/")]
    [InlineData("..\\secret")]
    [InlineData("runs\\..\\..\\secret")]
    [InlineData("C:\\Windows\\win.ini")]
    [InlineData("\\\\host\\share")]
    [InlineData("%2e%2e/secret")]
    [InlineData("%2e%2e%2fsecret")]
    [InlineData("%252e%252e%252fsecret")]
    [InlineData("..%c0%afsecret")]
    [InlineData("runs/7#/../../secret")]
    [InlineData("#/../secret")]
    [InlineData("runs;x=1/../secret")]
    [InlineData("runs/7;../secret")]
    [InlineData("runs?/../../secret")]
    [InlineData("runs/7?path=../secret")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://127.0.0.1/secret")]
    [InlineData("mlflow-artifacts:/../secret")]
    [InlineData("~/secret")]
    [InlineData("$HOME/secret")]
    [InlineData("runs/7/*")]
    [InlineData("runs/7\0.txt")]
    [InlineData("runs/7\n")]
    [InlineData("runs/\u202e7")]
    [InlineData("runs/．．/secret")]
    [InlineData(" ")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("runs/.7.aside")]
    public void Resolve_refuses_what_is_not_a_plain_path_below_the_root(string path) =>
        Assert.Throws<InputException>(() => store.Resolve(path));

    [Fact]
    public void Resolve_refuses_a_path_of_unreasonable_length() =>
        Assert.Throws<InputException>(() => store.Resolve(string.Join('/', Enumerable.Repeat("runs", 200))));

    [Fact]
    public void Resolve_refuses_a_symbolic_link_on_the_way()
    {
        Directory.CreateSymbolicLink(Path.Combine(store.Root, "elsewhere"), Path.GetTempPath());
        Assert.Throws<InputException>(() => store.Resolve("elsewhere/file.txt"));
        File.CreateSymbolicLink(Path.Combine(store.Root, "dangling"), "/nowhere/at/all");
        Assert.Throws<InputException>(() => store.Resolve("dangling"));
    }

    [Theory]
    [InlineData("runs/7/metrics.jsonl")]
    [InlineData("datasets/1")]
    [InlineData("jobs/12/log.txt")]
    [InlineData("runs/7/checkpoint/model-00001.safetensors")]
    public void Resolve_leads_below_the_root(string path) =>
        Assert.Equal(store.Root + "/" + path, store.Resolve(path));

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void The_root_is_readable_by_its_owner_alone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(store.Root));

    [Fact]
    public async Task A_file_whose_writer_fails_keeps_its_old_content_and_leaves_nothing_aside()
    {
        await store.WriteFileAsync("jobs/1/result.json", async (stream, token) => await stream.WriteAsync(Encoding.UTF8.GetBytes("old"), token), CancellationToken.None);
        await Assert.ThrowsAsync<IOException>(() => store.WriteFileAsync("jobs/1/result.json", async (stream, token) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes("half of the n"), token);
            throw new IOException("disk full");
        }, CancellationToken.None));

        Assert.Equal("old", await File.ReadAllTextAsync(store.Resolve("jobs/1/result.json")));
        Assert.Single(Directory.GetFileSystemEntries(store.Resolve("jobs/1")));
    }

    [Fact]
    public async Task A_folder_is_replaced_whole_or_not_at_all()
    {
        await store.WriteFolderAsync("analyses/3", (path, token) => File.WriteAllTextAsync(Path.Combine(path, "old.txt"), "old", token), CancellationToken.None);
        await Assert.ThrowsAsync<IOException>(() => store.WriteFolderAsync("analyses/3", async (path, token) =>
        {
            await File.WriteAllTextAsync(Path.Combine(path, "new.txt"), "half", token);
            throw new IOException("disk full");
        }, CancellationToken.None));
        Assert.Equal(["old.txt"], Directory.GetFiles(store.Resolve("analyses/3")).Select(Path.GetFileName));

        await store.WriteFolderAsync("analyses/3", (path, token) => File.WriteAllTextAsync(Path.Combine(path, "new.txt"), "new", token), CancellationToken.None);
        Assert.Equal(["new.txt"], Directory.GetFiles(store.Resolve("analyses/3")).Select(Path.GetFileName));
        Assert.Single(Directory.GetFileSystemEntries(store.Resolve("analyses")));
    }
}
