using NcService.Platform;
using NcService.Web.Analyses;
using NcService.Web.Datasets;
using NcService.Web.Health;
using NcService.Web.Hosting;
using NcService.Web.Jobs;
using NcService.Web.Measurements;
using NcService.Web.PermutationTests;
using NcService.Web.Runs;
using NcService.Web.Studies;
using NcService.Web.Workers;

var builder = WebApplication.CreateBuilder(args);
builder.BindToLoopbackByDefault();
builder.Services.AddNcServicePlatform(builder.Configuration);
builder.Services.AddNcServiceNode();
builder.AddApi();

var app = builder.Build();
app.UseSecurityHeaders();
app.UseRequestOriginGuard();
app.UseProblems();
app.UseStaticFiles();
app.UseRouting();

app.MapHealth();
app.MapOpenApi();
var api = app.MapApiGroup();
api.MapStudies();
api.MapRuns();
api.MapAnalyses();
api.MapPermutationTests();
api.MapMeasurements();
api.MapDatasets();
api.MapJobs();
api.MapWorkers();

await app.RunAsync();
