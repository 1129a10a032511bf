using System.Globalization;
using NcService.Core;
using NcService.Platform;

namespace NcService.WorkerHost;

/// <summary>What this program can do.</summary>
internal enum WorkerCommand
{
    /// <summary>Execute one job here.</summary>
    Execute,

    /// <summary>Be a node of a cluster.</summary>
    Node,
}

/// <summary>The command line, read strictly.</summary>
internal sealed record WorkerArguments(WorkerCommand Command, long JobId, int Attempt, IReadOnlyDictionary<string, string?> Overrides)
{
    private const string Usage =
        "usage: NcService.Worker execute JOB ATTEMPT [options] | [node] [options]\n"
        + "options: --data DIR, --connection POSTGRESQL, --device auto|cpu|cuda:N, --queues gpu,cpu, --name NAME";

    private static readonly Dictionary<string, string> Options = new()
    {
        ["--data"] = nameof(NcServiceOptions.DataDirectory),
        ["--connection"] = nameof(NcServiceOptions.ConnectionString),
        ["--device"] = nameof(NcServiceOptions.Device),
        ["--queues"] = nameof(NcServiceOptions.Queues),
        ["--name"] = nameof(NcServiceOptions.NodeName),
    };

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="InputException">The arguments are none of the forms above.</exception>
    public static WorkerArguments Parse(IReadOnlyList<string> arguments)
    {
        var overrides = new Dictionary<string, string?>();
        var words = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal)) words.Add(arguments[i]);
            else if (Options.TryGetValue(arguments[i], out var option) && i + 1 < arguments.Count) overrides[$"{NcServiceOptions.SectionName}:{option}"] = arguments[++i];
            else throw new InputException($"{arguments[i]}: no such option, or it lacks its value.\n{Usage}");
        }
        return words switch
        {
            ["execute", var job, var attempt]
                when long.TryParse(job, NumberStyles.None, CultureInfo.InvariantCulture, out var jobId)
                && int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => new(WorkerCommand.Execute, jobId, number, overrides),
            ["node"] => new(WorkerCommand.Node, 0, 0, overrides),
            // Options alone, such as --queues gpu --device cuda:0, can only be a node's.
            [] when overrides.Count > 0 => new(WorkerCommand.Node, 0, 0, overrides),
            _ => throw new InputException(Usage),
        };
    }
}
