using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace NcService.EndToEnd.Tests.Faults;

/// <summary>Every fault on every kind of work, with a table of what became of them: <c>make soak</c>. Each is a test of its own, to be chosen by its name.</summary>
[Collection(FaultTests.Collection)]
public sealed class Soak(SoakCluster cluster, ITestOutputHelper output) : IClassFixture<SoakCluster>
{
    private static readonly Fault[] s_faults =
    [
        Fault.ChildKilled, Fault.KilledTwice, Fault.NodeKilled, Fault.NodeTerminated, Fault.NodeSuspended, Fault.WebKilled, Fault.DatabaseStopped(20), Fault.DiskFull,
    ];

    /// <summary>Names of faults and kinds of work.</summary>
    public static TheoryData<string, string> Faults
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var fault in s_faults)
            {
                foreach (var kind in Enum.GetNames<WorkKind>()) all.Add(fault.Name, kind);
            }
            return all;
        }
    }

    [SoakTheory]
    [MemberData(nameof(Faults))]
    public async Task Nothing_is_lost(string fault, string work)
    {
        var (struck, kind) = (s_faults.Single(known => known.Name == fault), Enum.Parse<WorkKind>(work));
        await cluster.Works.PrepareAsync(kind);
        var clock = Stopwatch.StartNew();
        var asked = await cluster.Works.AskAsync(kind);
        var outcome = "NOT AS IT SHOULD BE";
        try
        {
            await cluster.Works.InTheMiddleAsync(asked);
            outcome = await struck.StrikeAsync(cluster, asked);
            await cluster.Works.CheckAsync(asked);
            outcome += "; same result as undisturbed";
        }
        catch (Exception exception)
        {
            outcome = $"NOT AS IT SHOULD BE: {exception.Message.Split('\n')[0]}";
            throw;
        }
        finally
        {
            var attempts = (await cluster.JobAsync(asked.JobId)).Attempt;
            output.WriteLine(cluster.AddRow(string.Create(CultureInfo.InvariantCulture, $"{fault} | {work.ToLowerInvariant()} | {outcome} | {attempts} | {clock.Elapsed.TotalSeconds:F1}")));
        }
    }

    [Fact]
    public void There_are_at_least_thirty_faults() => Assert.True(Faults.Count >= 30);
}

/// <summary>The cluster that is soaked, the works on it, and the table of what became of them: soak.md beside these tests.</summary>
public sealed class SoakCluster : ServiceCluster
{
    private readonly StringBuilder table = new("| # | fault | work | outcome | attempts | s |\n| --- | --- | --- | --- | --- | --- |\n");
    private FaultWork? works;
    private int rows;

    internal FaultWork Works => works ??= new FaultWork(this);

    internal string AddRow(string cells)
    {
        var row = $"| {++rows} | {cells} |";
        table.Append(row).Append('\n');
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "soak.md"), table.ToString());
        return row;
    }
}

/// <summary>Runs only where it is asked for: it takes a quarter of an hour.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SoakTheoryAttribute : TheoryAttribute
{
    private const string Variable = "NCSERVICE_SOAK";

    public SoakTheoryAttribute() => Skip = ServiceCluster.SkipReason ?? (Environment.GetEnvironmentVariable(Variable) == "1" ? null : "runs by: make soak");
}
