using System.Globalization;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Platform.Results;

namespace NcService.Platform.Tests.Results;

[Collection(PostgreSqlTests.Name)]
public sealed class ResultImportTests(PostgreSqlServer server)
{
    private const string May = "golden/paper/lc-2024_05_18.csv";
    private const string October = "golden/paper/lc-2024_10_24.csv";

    /// <summary>The table of golden/paper/README.md, computed there from the May table over 21 models.</summary>
    public static readonly TheoryData<string, double, double> Table1 = new()
    {
        { "cdnv_dist4", 0.192011, 0.4382 },
        { "lognorms_cov", 0.026174, 0.1618 },
        { "interference_cov", 0.218574, -0.4675 },
        { "logdist_uncentred_cov", 0.487935, -0.6985 },
        { "selfdual_mean", 0.322210, -0.5676 },
        { "selfdual_cov", 0.000036, 0.0060 },
        { "ncc_agreement_seen", 0.490278, -0.7002 },
    };

    [SharedTheory]
    [MemberData(nameof(Table1))]
    public async Task The_May_table_gives_the_studys_correlations_over_its_21_seeds(string measurement, double r2, double r)
    {
        var table = await Imported.Value;
        var seeds = Assert.Single(StudyResults.SeedGroups(table)).Rows;
        Assert.Equal(21, seeds.Count);
        var correlation = Assert.Single(StudyResults.Correlations(seeds, "val_loss", [measurement])).Correlation;
        Assert.Equal(21, correlation.Count);
        Assert.Equal(r2, correlation.R2!.Value, 6);
        Assert.Equal(r, correlation.R!.Value, 4);
    }

    [SharedFact]
    public async Task The_tables_agree_where_they_hold_the_same_quantity()
    {
        var pairs = await PairsAsync();
        Assert.Equal(230, pairs.Count);
        // Equal to single precision: May stored float32. The norms' logarithms agree only if May's squares were seen.
        foreach (var name in new[] { "val_loss", "val_accuracy", "cdnv_dist4", "selfdual_mean", "selfdual_cov", "ncc_agreement_seen" })
        {
            foreach (var (a, b) in pairs)
                Assert.True(Math.Abs(a.Value(name)!.Value / b.Value(name)!.Value - 1) < 1e-4, $"{name} of {a.Name}: {a.Value(name)} and {b.Value(name)}");
        }
        foreach (var (a, b) in pairs) Assert.Equal(b.Value("lognorms_mean")!.Value, a.Value("lognorms_mean")!.Value, 1e-5);
    }

    [SharedFact]
    public async Task Columns_without_a_counterpart_keep_a_name_of_their_own()
    {
        var october = await ImportedOctober.Value;
        Assert.DoesNotContain("interference_mean", october.Measurements);
        Assert.DoesNotContain("logdist_uncentred_mean", october.Measurements);
        Assert.Contains("imported_inner_product_mean", october.Measurements);
        Assert.All(october.Measurements, name => Assert.True(MeasurementCatalog.TryFind(name) is not null || name.StartsWith("imported_", StringComparison.Ordinal), name));
        // Pythagoras over ‖m‖²: mean² + variance is the mean of squares, which May holds under norms_mean.
        foreach (var (a, b) in await PairsAsync())
        {
            var meanSquare = Math.Pow(b.Value("norms_mean")!.Value, 2) + Math.Pow(b.Value("norms_std")!.Value, 2);
            Assert.True(Math.Abs(a.Value("imported_squared_norms_mean")!.Value / meanSquare - 1) < 1e-3, a.Name);
        }
    }

    [SharedFact]
    public async Task Names_are_taken_apart()
    {
        var row = (await Imported.Value).Rows.Single(row => row.Name == "02x0768_01d07@0");
        Assert.Equal((2, 768, 1, 0.0005, 7), (row.Depth, row.Width, row.Epochs, row.WeightDecay, row.Seed));
        var large = (await Imported.Value).Rows.Single(row => row.Name == "01x0064_10L@5");
        Assert.Equal((1, 64, 10, 0.1, (int?)null), (large.Depth, large.Width, large.Epochs, large.WeightDecay, large.Seed));
        Assert.Equal(3_397_440, large.ParameterCount);
    }

    [Theory, EachStore]
    public async Task Any_table_with_model_loss_and_measurements_is_taken(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        using var csv = new StringReader("model,val_loss,cdnv,my_own,width\nfirst,2.5,0.25,7,64\nsecond,2.4,nan,8,128\n");
        var study = await platform.Get<ResultImport>().ImportAsync(csv, "results/mine.csv", null, CancellationToken.None);
        Assert.Equal("mine", study.Name);
        var table = await platform.Get<StudyResults>().LoadAsync(study.Id, CancellationToken.None);
        Assert.Equal(["cdnv", "imported_my_own"], table.Measurements);
        Assert.Equal(128, table.Rows[1].Width);
        Assert.Equal(0.25, table.Rows[0].Value("cdnv"));
        Assert.Null(table.Rows[1].Value("cdnv"));
        Assert.Contains("cdnv", table.Rows[1].UndefinedReasons.Keys);
        Assert.All(table.Rows, row => Assert.True(row.Imported));
    }

    [Theory, EachStore]
    public async Task A_wrong_table_is_refused_by_column_and_line(StoreKind kind)
    {
        (string Csv, string What, string Where)[] wrong =
        [
            ("model,loss\na,1\n", "val_loss", "line 1"),
            ("name,val_loss\na,1\n", "model", "line 1"),
            ("model,val_loss,cdnv\na,1,2\nb,1,two\n", "cdnv", "line 3"),
            ("model,val_loss\na,1\nb,\n", "val_loss", "line 3"),
            ("model,val_loss\na,1\na,2\n", "model", "line 3"),
            ("model,val_loss\na,1,5\n", "fields", "line 2"),
            ("model,val_loss\n", "no rows", ""),
        ];
        await using var platform = await server.CreatePlatformAsync(kind);
        await using var store = platform.OpenStore();
        foreach (var (csv, what, where) in wrong)
        {
            using var reader = new StringReader(csv);
            var exception = await Assert.ThrowsAsync<InputException>(() => platform.Get<ResultImport>().ImportAsync(reader, "wrong.csv", null, CancellationToken.None));
            Assert.Contains(what, exception.Message, StringComparison.Ordinal);
            Assert.Contains(where, exception.Message, StringComparison.Ordinal);
            Assert.Equal(0, await store.Studies.CountAsync());
        }
    }

    [SharedTheory, EachStore]
    public async Task A_published_table_comes_back_as_its_file_has_it(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var table = await ImportAsync(platform, October);

        var lines = (await File.ReadAllLinesAsync(SharedData.Path(October))).Select(line => line.Split(',')).ToArray();
        int Column(string name) => Array.IndexOf(lines[0], name);
        Assert.Equal(230, table.Rows.Count);
        foreach (var line in lines[1..])
        {
            var row = table.Rows.Single(row => row.Name == line[0]);
            Assert.Equal(long.Parse(line[Column("n_params")], CultureInfo.InvariantCulture), row.ParameterCount);
            foreach (var (column, name) in new[] { ("val_loss", "val_loss"), ("cdnv", "cdnv_dist4"), ("simcos_mean", "selfdual_mean") })
                Assert.Equal(double.Parse(line[Column(column)], CultureInfo.InvariantCulture), row.Value(name));
        }
    }

    [Theory, EachStore]
    public async Task A_second_study_of_the_same_name_is_refused(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        await ImportAsync("twice");
        await Assert.ThrowsAsync<InputException>(() => ImportAsync("twice"));

        async Task ImportAsync(string name)
        {
            using var reader = new StringReader("model,val_loss\na,1\n");
            await platform.Get<ResultImport>().ImportAsync(reader, "a.csv", name, CancellationToken.None);
        }
    }

    private static readonly Lazy<Task<ResultTable>> Imported = new(() => ImportAsync(May));

    private static readonly Lazy<Task<ResultTable>> ImportedOctober = new(() => ImportAsync(October));

    /// <summary>The rows of both tables, May first; each lists the models in an order of its own.</summary>
    private static async Task<List<(ResultRow May, ResultRow October)>> PairsAsync()
    {
        var october = (await ImportedOctober.Value).Rows.ToDictionary(row => row.Name);
        return [.. (await Imported.Value).Rows.Select(row => (row, october[row.Name]))];
    }

    private static async Task<ResultTable> ImportAsync(string path)
    {
        await using var platform = await TestPlatform.CreateAsync();
        return await ImportAsync(platform, path);
    }

    private static async Task<ResultTable> ImportAsync(TestPlatform platform, string path)
    {
        using var csv = new StreamReader(SharedData.Path(path));
        var study = await platform.Get<ResultImport>().ImportAsync(csv, path, null, CancellationToken.None);
        return await platform.Get<StudyResults>().LoadAsync(study.Id, CancellationToken.None);
    }
}
