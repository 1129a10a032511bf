using NcService.Web.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.BindToLoopbackByDefault();
builder.AddStore();
builder.AddApi();

var app = builder.Build();
await app.PrepareStoreAsync();
app.UseSecurityHeaders();
app.UseRequestOriginGuard();
app.UseProblems();
app.UseStaticFiles();
app.UseRouting();

app.MapOpenApi();

app.MapApiGroup();

await app.RunAsync();
