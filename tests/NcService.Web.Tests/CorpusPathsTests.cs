using NcService.Core.Text;
using NcService.Web.Datasets;
using NcService.Web.Hosting;

namespace NcService.Web.Tests;

public sealed class CorpusPathsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("ncservice-corpora-").FullName;
    private readonly CorpusPaths paths;

    public CorpusPathsTests()
    {
        Directory.CreateDirectory(Path.Combine(root, "allowed", "sub"));
        Directory.CreateDirectory(Path.Combine(root, "allowed-not"));
        File.WriteAllText(Path.Combine(root, "allowed", "sub", "a.txt"), "text");
        File.WriteAllText(Path.Combine(root, "allowed-not", "b.txt"), "text");
        File.CreateSymbolicLink(Path.Combine(root, "allowed", "link.txt"), Path.Combine(root, "allowed-not", "b.txt"));
        Directory.CreateSymbolicLink(Path.Combine(root, "allowed", "up"), root);
        paths = new CorpusPaths(new WebOptions { CorpusDirectories = Path.Combine(root, "allowed") });
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("sub/a.txt")]
    [InlineData("sub")]
    [InlineData("./sub/../sub/a.txt")]
    public void A_path_inside_is_made_absolute(string path)
    {
        var found = paths.Checked(new CorpusSpecification { Kind = CorpusKind.TextFile, Path = path }, "corpus").Path!;
        Assert.StartsWith(Path.Combine(root, "allowed", "sub"), found, StringComparison.Ordinal);
        Assert.Equal(found, paths.Checked(new CorpusSpecification { Kind = CorpusKind.TextFile, Path = found }, "corpus").Path);
    }

    [Theory]
    [InlineData("../allowed-not/b.txt")]
    [InlineData("sub/../../allowed-not/b.txt")]
    [InlineData("link.txt")]
    [InlineData("up/allowed-not/b.txt")]
    [InlineData("up/allowed/sub/a.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("sub/missing.txt")]
    [InlineData("sub/a.txt\0.png")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("~/x")]
    public void A_path_that_leads_elsewhere_is_refused(string path)
    {
        var fault = Assert.Throws<FieldException>(() => paths.Checked(new CorpusSpecification { Kind = CorpusKind.TextFile, Path = path }, "corpus"));
        Assert.Equal("corpus.path", Assert.Single(fault.Errors).Key);
        Assert.Throws<FieldException>(() => paths.Checked(new CorpusSpecification { ValidationPath = path }, "corpus"));
    }
}
