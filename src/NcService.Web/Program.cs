using NcService.Core;
using NcService.Platform;
using NcService.Web.Analyses;
using NcService.Web.Checkpoints;
using NcService.Web.Dashboard;
using NcService.Web.Datasets;
using NcService.Web.Deleting;
using NcService.Web.Exports;
using NcService.Web.Health;
using NcService.Web.Hosting;
using NcService.Web.Imports;
using NcService.Web.Jobs;
using NcService.Web.Measurements;
using NcService.Web.Metrics;
using NcService.Web.PermutationTests;
using NcService.Web.Results;
using NcService.Web.Runs;
using NcService.Web.SignIn;
using NcService.Web.Studies;
using NcService.Web.Tokens;
using NcService.Web.Webhooks;
using NcService.Web.Workers;

try
{
    var builder = WebApplication.CreateBuilder(Settings.Options(args));
    builder.ReadSettingsBesideTheProgram();
    builder.BindToLoopbackByDefault();
    OptionsReader.RefuseUnknown(builder.Configuration, typeof(NcServiceOptions), typeof(WebOptions));
    builder.Services.AddNcServicePlatform(builder.Configuration);
    builder.Services.AddNcServiceNode();
    builder.AddSignIn();
    builder.AddApi();
    builder.AddDashboard();

    var app = builder.Build();
    app.UseSecurityHeaders();
    app.UseRequestOriginGuard();
    app.UseProblems();
    app.UseFaultPages();
    app.UseDashboardFiles();
    app.UseRouting();
    app.UseAuthentication();
    app.UseAuthorization();
    app.UseAntiforgery();
    app.UseRequestRate();
    app.UseEntityTags();

    app.MapSignIn();
    app.MapHealth();
    app.MapMetrics();
    app.MapOpenApi();
    var api = app.MapApiGroup();
    api.MapStudies();
    api.MapRuns();
    api.MapCheckpoints();
    api.MapAnalyses();
    api.MapExports();
    api.MapAnalysisArtifacts();
    api.MapEmbeddings();
    api.MapProbes();
    api.MapResults();
    api.MapPermutationTests();
    api.MapImports();
    api.MapMeasurements();
    api.MapDatasets();
    api.MapJobs();
    api.MapWorkers();
    api.MapWebhooks();
    api.MapTokens();
    api.MapDeletions();
    app.MapDashboard();

    await app.RunAsync();
    return 0;
}
catch (InputException fault)
{
    await Console.Error.WriteLineAsync($"NcService cannot start: {fault.Message}");
    return 2;
}
