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
        Assert.Equal("ncctl correlate: left out 1 of 6 rows: n1 (val_loss has no value)", result.Error.Trim());
    }

    [Fact]
    public async Task Undefined_results_are_null_with_the_reason_beside_them()
    {
        var result = await Ncctl.RunAsync("correlate", "--input", _table, "--rows", "m*", "--x", "b", "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("null", result.Json.GetProperty("r").GetRawText());
        Assert.Equal("b is constant over the rows", result.Json.GetProperty("undefined_reason").GetString());
        Assert.Contains("undefined: b is constant", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_measurements_share_one_set_of_permutations()
    {
        var result = await Ncctl.RunAsync("permutation-test", "--input", _table, "--x", "a", "--x", "a*val_loss", "--alternative", "greater", "--histogram", "--json");
        var tests = result.Json.GetProperty("tests").EnumerateArray().ToList();
        Assert.Equal(["a", "a*val_loss"], tests.Select(test => test.GetProperty("measurement").GetString()!));
        Assert.All(tests, test =>
        {
            Assert.Equal(test.GetProperty("p_greater").GetDouble(), test.GetProperty("p").GetDouble());
            Assert.True(test.GetProperty("p_westfall_young").GetDouble() >= test.GetProperty("p").GetDouble());
            Assert.Equal(120, test.GetProperty("histogram").EnumerateArray().Sum(bin => bin.GetInt64()));
            Assert.Equal("n1", test.GetProperty("left_out")[0].GetProperty("row").GetString());
            Assert.NotEqual("", test.GetProperty("reading").GetProperty("does_not_show").GetString());
        });
    }

    [Fact]
    public async Task Scale_is_held_fixed_by_strata_of_a_column_or_of_the_models_names_and_repeated_rows_are_left_out()
    {
        var grid = _folder.Write("grid.csv", """
            model,kind,cdnv,depth,val_loss
            01x0064_01d00,s,1.0,5,3.0
            01x0064_01d01,s,1.1,6,2.9
            01x0064_01d02,s,1.2,7,2.8
            02x0064_01d00,t,2.0,8,4.0
            02x0064_01d01,t,2.1,9,3.9
            02x0064_01d02,t,2.2,3,3.8
            02x0064_01d03,t,2.2,3,3.8
            """);
        foreach (var within in new[] { "kind", "architecture", "configuration" })
        {
            var result = await Ncctl.RunAsync("permutation-test", "--input", grid, "--x", "cdnv", "--within", within, "--permutations", "50", "--json");
            Assert.Equal((6, 2, 36), (result.Json.GetProperty("n").GetInt32(), result.Json.GetProperty("strata").GetInt32(), result.Json.GetProperty("permutations").GetInt32()));
            Assert.Equal(2 / 36.0, result.Json.GetProperty("p_two_sided").GetDouble(), 12);
            Assert.Contains("02x0064_01d03 is 02x0064_01d02", result.Error, StringComparison.Ordinal);
        }
        Assert.Contains("no column 'shoe'", (await Ncctl.RunAsync("correlate", "--input", grid, "--x", "cdnv", "--within", "shoe")).Error, StringComparison.Ordinal);

        var seeds = await Ncctl.RunAsync("seeds", "--input", grid, "--x", "cdnv", "--json");
        var group = seeds.Json.GetProperty("groups")[1];
        Assert.Equal("02x0064_01d", group.GetProperty("configuration").GetString());
        Assert.Equal(2.1, group.GetProperty("values").GetProperty("cdnv").GetProperty("mean").GetDouble(), 12);
        Assert.Equal(0.1, group.GetProperty("values").GetProperty("cdnv").GetProperty("std").GetDouble(), 12);

        var compared = (await Ncctl.RunAsync("compare", "--input", grid, "--x", "cdnv", "--by", "kind", "--first", "t", "--second", "s", "--json")).Json.GetProperty("comparisons")[1];
        Assert.Equal(1, compared.GetProperty("difference").GetDouble(), 12);
        Assert.Equal(1, compared.GetProperty("rank_biserial").GetDouble(), 12);
        // C(6, 3) labellings, the observed one and its mirror being the most extreme.
        Assert.Equal((20, 0.1), (compared.GetProperty("permutations").GetInt32(), compared.GetProperty("p").GetDouble()));
    }

    [Fact]
    public async Task Correlate_names_transformations_and_tells_the_influence_of_each_model()
    {
        var result = await Ncctl.RunAsync("correlate", "--input", _table, "--rows", "m*", "--x", "a", "--transform-x", "log", "--transform-y", "rank", "--influence", "--json");
        Assert.Equal(("ln a", "rank of val_loss"), (result.Json.GetProperty("x").GetString(), result.Json.GetProperty("y").GetString()));
        Assert.Equal(0.8, result.Json.GetProperty("kendall").GetDouble(), 12);
        Assert.Equal(5, result.Json.GetProperty("influence").GetArrayLength());
        Assert.Contains("r without m", (await Ncctl.RunAsync("correlate", "--input", _table, "--rows", "m*", "--x", "a", "--influence")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Regress_fits_a_chosen_set_or_chooses_step_by_step()
    {
        var fitted = await Ncctl.RunAsync("regress", "--input", _table, "--rows", "m*", "--x", "a", "--json");
        Assert.Equal(0.81, fitted.Json.GetProperty("r2").GetDouble(), 12);
        Assert.True(fitted.Json.GetProperty("r2_leave_one_out").GetDouble() < 0.81);
        var steps = await Ncctl.RunAsync("regress", "--stepwise", "--input", _table, "--rows", "m*", "--x", "a", "--x", "b", "--json");
        Assert.Equal(("a", 0.81), (steps.Json.GetProperty("steps")[0].GetProperty("measurement").GetString(), Math.Round(steps.Json.GetProperty("steps")[0].GetProperty("delta_r2").GetDouble(), 12)));
        Assert.Equal("b", steps.Json.GetProperty("set_aside")[0].GetProperty("measurement").GetString());
        Assert.Contains("ΔR²", (await Ncctl.RunAsync("regress", "--stepwise", "--input", _table, "--rows", "m*", "--x", "a")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no column 'aa'; did you mean 'a'?", "--x", "aa")]
    [InlineData("no row has a model that matches 'q*'", "--x", "a", "--rows", "q*")]
    [InlineData("--permutations 0 must lie between", "--x", "a", "--permutations", "0")]
    [InlineData("--decide-level 1 must lie between 0 and 1", "--x", "a", "--decide-level", "1")]
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
