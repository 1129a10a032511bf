using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Statistics;
using NcService.Platform.Jobs;
using NcService.Platform.Jobs.Executors;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Results;

[Collection(PostgreSqlTests.Name)]
public sealed class PermutationTestDesignTests(PostgreSqlServer server)
{
    // Within each width the loss falls as cdnv rises; over all runs it rises. The last run is the first one again.
    private const string Csv = """
        model,val_loss,cdnv,vci
        01x0064_01d00,3.0,1.0,0.5
        01x0064_01d01,2.9,1.1,0.4
        01x0064_01d02,2.8,1.2,0.6
        01x0128_01d00,4.0,2.0,0.5
        01x0128_01d01,3.9,2.1,
        01x0128_01d02,3.8,2.2,0.7
        01x0256_01d00,5.0,3.0,0.1
        again,3.0,1.0,0.5
        """;

    [Theory, EachStore]
    public async Task A_test_within_architectures_asks_the_studys_question_of_all_runs_at_once(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var study = await ImportAsync(platform);
        var report = await RequestAsync(platform, study, new PermutationTestDesign { Within = ["architecture"], Alternative = Alternative.Less });
        await ExecuteAsync(platform, report);

        await using var store = platform.OpenStore();
        var rows = await store.Set<PermutationTestRow>().Where(row => row.ReportId == report.Id).ToDictionaryAsync(row => row.Measurement);
        var cdnv = rows["cdnv"];
        Assert.Equal(-1, cdnv.R!.Value, 12);
        // 3! · 3! arrangements, one of which is as extreme.
        Assert.Equal((6, 2, 36, true), (cdnv.Count, cdnv.StrataCount, cdnv.Permutations, cdnv.Exact));
        Assert.Equal(1 / 36.0, cdnv.PLess!.Value, 14);
        Assert.Equal(1, cdnv.PGreater!.Value, 14);
        Assert.Equal(cdnv.PLess, PermutationTestReading.P(cdnv, report));
        Assert.Contains("it is the only row of its stratum", cdnv.LeftOut, StringComparison.Ordinal);
        Assert.Contains("every value repeats run 01x0064_01d00", cdnv.LeftOut, StringComparison.Ordinal);
        Assert.Contains("vci has no value", rows["vci"].LeftOut, StringComparison.Ordinal);
        Assert.NotNull(cdnv.PWestfallYoung);
        report.Rows.Clear();
        report.Rows.AddRange(rows.Values);
        Assert.Contains("within each of 2 strata", PermutationTestReading.Of(cdnv, report).Shows, StringComparison.Ordinal);
    }

    [Theory, EachStore]
    public async Task A_covariate_turns_the_sign_that_scale_gave(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var study = await ImportAsync(platform);
        var table = await platform.Get<StudyResults>().LoadAsync(study.Id, default);
        var sample = RunSample.Of(table.Rows);
        Assert.Equal("again", table.Rows.Single(row => row.Id == Assert.Single(sample.Repeated).RunId).Name);
        Assert.True(Correlation.Compute(sample.Variable("cdnv"), sample.Variable("val_loss")).R > 0.9);
        Assert.True(Correlation.Partial(sample.Variable("cdnv"), sample.Variable("val_loss"), sample.HeldFixed([], ["width"])).R < -0.9);
    }

    [Theory, EachStore]
    public async Task What_cannot_be_asked_is_refused_by_name(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var study = await ImportAsync(platform);
        async Task RefusedAsync(PermutationTestDesign design, string message) =>
            Assert.Contains(message, (await Assert.ThrowsAsync<InputException>(() => RequestAsync(platform, study, design))).Message, StringComparison.Ordinal);
        await RefusedAsync(new PermutationTestDesign { Within = ["shoe"] }, "'shoe'; possible: architecture, configuration, width, depth, epochs, weightDecay");
        await RefusedAsync(new PermutationTestDesign { Covariates = ["shoe"] }, "no covariate 'shoe'");
        await RefusedAsync(new PermutationTestDesign { DecideLevel = 2 }, "must lie between 0 and 1");
    }

    [Theory, EachStore]
    public async Task A_seed_group_has_mean_and_spread_of_everything_measured(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var table = await platform.Get<StudyResults>().LoadAsync((await ImportAsync(platform)).Id, default);
        var group = StudyResults.SeedGroups(table)[1];
        var spreads = group.Spreads();
        Assert.Equal(3.9, spreads["val_loss"].Mean!.Value, 14);
        Assert.Equal(0.1, spreads["val_loss"].StandardDeviation!.Value, 12);
        Assert.Equal((2, 1), (spreads["vci"].Count, spreads["vci"].Missing));
    }

    private static async Task<Study> ImportAsync(TestPlatform platform)
    {
        using var csv = new StringReader(Csv);
        return await platform.Get<ResultImport>().ImportAsync(csv, "grid.csv", null, default);
    }

    private static Task<PermutationTestReport> RequestAsync(TestPlatform platform, Study study, PermutationTestDesign design) =>
        platform.Get<PermutationTestService>().RequestAsync(study.Id, [.. study.Runs.Select(run => run.Id)], [], "val_loss", 1000, 1, design, new RequestOrigin(null), default);

    private static async Task ExecuteAsync(TestPlatform platform, PermutationTestReport report)
    {
        var executor = new PermutationTestExecutor(platform.Get<IDbContextFactory<NcServiceContext>>());
        await using var store = platform.OpenStore();
        var write = await executor.ExecuteAsync(await store.Jobs.SingleAsync(job => job.Id == report.JobId), new Silent(), default);
        await write(store, default);
        await store.SaveChangesAsync();
    }

    private sealed class Silent : IJobProgress
    {
        public void Report(double share, string text, double? tokensPerSecond = null)
        {
        }
    }
}
