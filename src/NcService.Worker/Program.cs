using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using NcService.Core;
using NcService.Platform;
using NcService.WorkerHost;

// execute JOB ATTEMPT   one job in this process; nodes start it so
// node                  a node: takes jobs from a PostgreSQL store and starts a child for each
// Settings: options below, environment NcService__Name, appsettings.json in the working directory.
try
{
    var settings = WorkerArguments.Parse(args);
    return settings.Command switch
    {
        WorkerCommand.Execute => await ChildExecution.RunAsync(settings),
        _ => await NodeAsync(settings),
    };
}
catch (InputException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}

static async Task<int> NodeAsync(WorkerArguments settings)
{
    var builder = Host.CreateApplicationBuilder();
    builder.Configuration.AddInMemoryCollection(settings.Overrides);
    var options = OptionsReader.Read(builder.Configuration);
    if (!options.UsesPostgreSql)
        throw new InputException("A node of its own needs a PostgreSQL store (--connection): on SQLite the web process is the only node.");
    builder.Services.AddNcServicePlatform(options);
    builder.Services.AddNcServiceNode();
    await builder.Build().RunAsync();
    return 0;
}
