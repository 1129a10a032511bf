namespace NcService.Cli.Tests;

public sealed class StatisticsVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _table;

    public StatisticsVerbTests() => _table = _folder.Write("table.csv", """
        model,a,b,val_loss
        m1,1,10,2
        m2,2,10,4
        m3,3,10,3
        m4,4,10,5
        m5,5,10,6
        n1,9,10,
        """);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Correlate_prints_its_contract_as_json()
    {
        var result = await Ncctl.RunAsync("correlate", "--input", _table, "--rows", "m*", "--x", "2*a+1", "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Equal(5, result.Json.GetProperty("n").GetInt32());
        Assert.Equal(0.9, result.Json.GetProperty("r").GetDouble(), 12);
        Assert.Equal(0.81, result.Json.GetProperty("r2").GetDouble(), 12);
        Assert.Equal(0.9, result.Json.GetProperty("spearman").GetDouble(), 12);
        Assert.Equal(0.45, result.Json.GetProperty("slope").GetDouble(), 12);
    }

    [Fact]
    public async Task Permutation_test_prints_its_contract_as_json()
    {
        var result = await Ncctl.RunAsync("permutation-test", "--input", _table, "--rows", "m[1-3]", "--rows", "m[45]", "--x", "a", "--permutations", "500", "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(5, result.Json.GetProperty("n").GetInt32());
        Assert.Equal(120, result.Json.GetProperty("permutations").GetInt64());
        Assert.True(result.Json.GetProperty("exact").GetBoolean());
        // Σ d² of ranks ≤ 2 in one direction: the identity order and 4 swaps of neighbours, so 5 of 120; as many in the other.
        Assert.Equal(5 / 120.0, result.Json.GetProperty("p_one_sided").GetDouble(), 12);
        Assert.Equal(10 / 120.0, result.Json.GetProperty("p_two_sided").GetDouble(), 12);
    }

    [Fact]
    public async Task Same_seed_prints_the_same_bytes()
    {
        string[] arguments = ["permutation-test", "--input", _table, "--x", "a", "--permutations", "100", "--seed", "5", "--json"];
        Assert.Equal((await Ncctl.RunAsync(arguments)).Output, (await Ncctl.RunAsync([.. arguments, "--threads", "1"])).Output);
    }

    [Fact]
    public async Task People_get_a_table()
    {
        var result = await Ncctl.RunAsync("permutation-test", "--input", _table, "--rows", "m*", "--x", "a");
        Assert.Contains("p, two-sided", result.Output, StringComparison.Ordinal);
        Assert.Contains("all 120 there are", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_left_out_are_named_on_standard_error()
    {
        var result = await Ncctl.RunAsync("correlate", "--input", _table, "--x", "a", "--json");
        Assert.Equal(5, result.Json.GetProperty("n").GetInt32());
        Assert.Equal("ncctl correlate: left out 1 of 6 rows, where a or val_loss is missing or infinite: n1", result.Error.Trim());
    }

    [Fact]
    public async Task Undefined_results_are_null_with_the_reason_beside_them()
    {
        var result = await Ncctl.RunAsync("correlate", "--input", _table, "--rows", "m*", "--x", "b", "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("null", result.Json.GetProperty("r").GetRawText());
        Assert.Equal("x is constant over the rows", result.Json.GetProperty("undefined_reason").GetString());
        Assert.Contains("undefined: x is constant", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no column 'aa'; did you mean 'a'?", "--x", "aa")]
    [InlineData("no row has a model that matches 'q*'", "--x", "a", "--rows", "q*")]
    [InlineData("--permutations 0 must lie between", "--x", "a", "--permutations", "0")]
    [InlineData("--threads 0 must be at least 1", "--x", "a", "--threads", "0")]
    [InlineData("unknown option '--permutation'; did you mean '--permutations'?", "--x", "a", "--permutation", "5")]
    [InlineData("Option '--x' is required")]
    public async Task Bad_input_is_one_line_and_status_2(string message, params string[] arguments)
    {
        var result = await Ncctl.RunAsync(["permutation-test", "--input", _table, "--json", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.StartsWith("ncctl permutation-test: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }
}
