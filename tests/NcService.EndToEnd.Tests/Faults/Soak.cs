using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace NcService.EndToEnd.Tests.Faults;

/// <summary>Every fault on every kind of work, with a table of what became of them: <c>make soak</c>.</summary>
public sealed class Soak(ServiceCluster cluster, ITestOutputHelper output) : IClassFixture<ServiceCluster>
{
    private static readonly Fault[] s_faults =
    [
        Fault.ChildKilled, Fault.KilledTwice, Fault.NodeKilled, Fault.NodeTerminated, Fault.NodeSuspended, Fault.WebKilled, Fault.DatabaseStopped(20), Fault.DiskFull,
    ];

    [SoakFact]
    public async Task Nothing_is_lost()
    {
        var works = new FaultWork(cluster);
        var kinds = Enum.GetValues<WorkKind>();
        await works.PrepareAsync(kinds);
        var table = new StringBuilder("| # | fault | work | outcome | attempts | s |\n| --- | --- | --- | --- | --- | --- |\n");
        var failures = new List<string>();
        var number = 0;
        foreach (var fault in s_faults)
        {
            foreach (var kind in kinds)
            {
                var clock = Stopwatch.StartNew();
                var work = await works.AskAsync(kind);
                string outcome;
                try
                {
                    await works.InTheMiddleAsync(work);
                    outcome = await fault.StrikeAsync(cluster, work);
                    await works.CheckAsync(work);
                    outcome += "; same result as undisturbed";
                }
                catch (Exception exception) when (exception is not InvalidOperationException)
                {
                    outcome = $"NOT AS IT SHOULD BE: {exception.Message.Split('\n')[0]}";
                    failures.Add($"{fault.Name}, {kind}: {exception.Message}");
                }
                var attempts = (await cluster.JobAsync(work.JobId)).Attempt;
                var row = string.Create(CultureInfo.InvariantCulture, $"| {++number} | {fault.Name} | {kind.ToString().ToLowerInvariant()} | {outcome} | {attempts} | {clock.Elapsed.TotalSeconds:F1} |");
                table.Append(row).Append('\n');
                output.WriteLine(row);
                await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, "soak.md"), table.ToString());
            }
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        Assert.True(number >= 30);
    }
}

/// <summary>Runs only where it is asked for: it takes a quarter of an hour.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SoakFactAttribute : FactAttribute
{
    private const string Variable = "NCSERVICE_SOAK";

    public SoakFactAttribute() => Skip = ServiceCluster.SkipReason ?? (Environment.GetEnvironmentVariable(Variable) == "1" ? null : "runs by: make soak");
}
