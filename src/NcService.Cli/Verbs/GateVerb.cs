using System.CommandLine;
using NcService.Cli.Gates;
using NcService.Cli.Remote;
using NcService.Core;

namespace NcService.Cli.Verbs;

/// <summary>ncctl gate: passes or fails a CI job on a model's measurements.</summary>
internal static class GateVerb
{
    public static Command Create()
    {
        var run = new Option<long?>("--run") { Description = "The run on the server whose latest analysis is looked at", HelpName = "ID" };
        var input = new Option<FileInfo?>("--input", "-i") { Description = "Instead of a run: the JSON that measure or analyse printed", HelpName = "METRICS.json" };
        var asked = new GateOptions("--require");
        var server = ServerOptions.Server();
        var command = new Command("gate", "Exit 0 where a model's measurements meet every condition, else 1") { run, input };
        asked.AddTo(command);
        command.Add(server);
        return command.Runs(async (verb, ct) =>
        {
            var gate = asked.Read(verb);
            if (gate.IsEmpty) throw new InputException("nothing is asked: give --require CONDITION or --max-regression NAME=PERCENT%");
            var report = (verb.Get(run), verb.Get(input)) switch
            {
                ({ } id, null) => await FromServerAsync(verb.Get(server), id, gate, ct),
                (null, { } file) => await gate.CheckAsync(MeasuredRun.FromFile(file.FullName), null, ct),
                _ => throw new InputException("exactly one of --run ID and --input METRICS.json is needed"),
            };
            asked.Write(verb, report);
            verb.Print(report.Json(), report.People);
            return report.Met ? ExitCode.Done : ExitCode.GateNotMet;
        });
    }

    private static async Task<GateReport> FromServerAsync(string? server, long run, Gate gate, CancellationToken ct)
    {
        using var client = new ServerClient(server);
        return await gate.CheckAsync(await MeasuredRun.FromServerAsync(client, run, ct), client, ct);
    }
}
