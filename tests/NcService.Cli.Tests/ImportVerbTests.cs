namespace NcService.Cli.Tests;

public sealed class ImportVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_table_becomes_a_study_once()
    {
        var table = _folder.Write("results.csv", "model,val_loss,cdnv\n02x0064_01d00@0,3.5,0.4\n02x0064_01d01@0,3.4,0.3\n");
        var result = await Ncctl.RunAsync("import", table, "--data", _folder.File("data"), "--json");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("results", result.Json.GetProperty("name").GetString());
        Assert.Equal(2, result.Json.GetProperty("runs").GetInt32());
        Assert.Equal("cdnv", Assert.Single(result.Json.GetProperty("measurements").EnumerateArray()).GetString());

        var again = await Ncctl.RunAsync("import", table, "--data", _folder.File("data"), "--json");
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("'results'", again.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Ncctl.RunAsync("import", table, "--data", _folder.File("data"), "--name", "again", "--json")).ExitCode);
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_is_refused()
    {
        var missing = await Ncctl.RunAsync("import", _folder.File("missing.csv"), "--data", _folder.File("data"));
        Assert.Equal(2, missing.ExitCode);
        var wrong = await Ncctl.RunAsync("import", _folder.Write("wrong.csv", "model,cdnv\na,1\n"), "--data", _folder.File("data"));
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("val_loss", wrong.Error, StringComparison.Ordinal);
    }
}
