using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NcService.Core;
using NcService.Platform;
using NcService.Platform.Jobs;

namespace NcService.WorkerHost;

/// <summary>
/// One job in this process. It stops and hands the job back on SIGTERM, on SIGINT, and when its standard input ends: the node that started it
/// has let go of it, or is dead.
/// </summary>
internal static class ChildExecution
{
    public static async Task<int> RunAsync(WorkerArguments settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(settings.Overrides)
            .Build();
        await using var services = new ServiceCollection()
            .AddLogging(logging => logging
                // The log of a job is for people: what it does, not how it asks the store; that it does not answer is said in one line.
                .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Critical)
                .AddConfiguration(configuration.GetSection("Logging"))
                .AddSimpleConsole(console => console.SingleLine = true))
            .AddNcServicePlatform(configuration)
            .BuildServiceProvider();

        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        if (Console.IsInputRedirected) StopAtEndOfInput(stop);
        try
        {
            await services.GetRequiredService<JobRunner>().ExecuteAsync(settings.JobId, settings.Attempt, stop.Token);
            return WorkerExit.Done;
        }
        catch (InputException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return WorkerExit.BadInput;
        }
        catch (Exception exception) when (StoreRetry.IsTransient(exception))
        {
            await Console.Error.WriteLineAsync($"The store did not answer: {exception.Message}");
            return WorkerExit.StoreUnreachable;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static void StopAtEndOfInput(CancellationTokenSource stop)
    {
        var thread = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            var buffer = new byte[256];
            while (input.Read(buffer) > 0)
            {
            }
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The job has just ended.
            }
        })
        { IsBackground = true, Name = "standard input" };
        thread.Start();
    }
}
