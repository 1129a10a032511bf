namespace NcService.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("ncctl: unknown verb 'corelate'; did you mean 'correlate'?", "corelate")]
    [InlineData("ncctl dataset: unknown verb 'prepar'; did you mean 'prepare'?", "dataset", "prepar")]
    [InlineData("ncctl dataset: a verb is missing (there are prepare)", "dataset")]
    [InlineData("ncctl correlate: unknown option '--jsn'; did you mean '--json'?", "correlate", "--input", "t.csv", "--x", "a", "--jsn")]
    [InlineData("ncctl correlate: unexpected argument 'more'", "correlate", "--input", "t.csv", "--x", "a", "more")]
    public async Task Slips_get_the_nearest_name_and_status_2(string message, params string[] arguments)
    {
        var result = await Ncctl.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(message, result.Error.Trim());
        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("correlate", "--help")]
    [InlineData("dataset", "prepare", "-h")]
    public async Task Help_is_printed_even_where_options_are_missing(params string[] arguments)
    {
        var result = await Ncctl.RunAsync(arguments);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage:", result.Output, StringComparison.Ordinal);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Values_that_begin_with_an_at_sign_are_no_response_files()
    {
        var result = await Ncctl.RunAsync("correlate", "--input", "@/no/such", "--x", "a");
        Assert.Contains("cannot read", result.Error, StringComparison.Ordinal);
    }
}
