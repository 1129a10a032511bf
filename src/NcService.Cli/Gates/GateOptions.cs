using System.CommandLine;
using NcService.Cli.Remote;
using NcService.Core;

namespace NcService.Cli.Gates;

/// <summary>What a gate asks, and where it leaves its report: options that gate and submit share.</summary>
internal sealed class GateOptions
{
    private readonly Option<string[]> _conditions;

    private readonly Option<string?> _baseline = new("--baseline")
    {
        Description = "What the run is compared with: latest:TAG, the latest earlier run of the study with that tag, or run:ID. Without an earlier run there is nothing to regress from",
        HelpName = "RUN",
    };

    private readonly Option<string[]> _regressions = new("--max-regression")
    {
        Description = "How much worse than the baseline a measurement may be, such as val_loss=1%; several must all hold",
        HelpName = "NAME=PERCENT%",
    };

    private readonly Option<FileInfo?> _summary = new("--summary") { Description = "Append the report as Markdown to this file, such as \"$GITHUB_STEP_SUMMARY\"", HelpName = "FILE.md" };

    private readonly Option<FileInfo?> _junit = new("--junit") { Description = "Write the report as JUnit XML", HelpName = "FILE.xml" };

    /// <summary>Options whose conditions are named <paramref name="name"/>.</summary>
    public GateOptions(string name) => _conditions = new Option<string[]>(name)
    {
        Description = "A condition over measurements, such as 'val_loss <= 2.5' or 'ncc_agreement > 0.3'; several must all hold",
        HelpName = "CONDITION",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _conditions, _baseline, _regressions, _summary, _junit }) command.Add(option);
    }

    /// <summary>What is asked, read before any work is done.</summary>
    /// <exception cref="InputException">A condition cannot be read, or there is a limit and nothing to compare with.</exception>
    public Gate Read(VerbInvocation verb)
    {
        var conditions = (verb.Get(_conditions) ?? []).Select(Condition.Parse).ToArray();
        var regressions = (verb.Get(_regressions) ?? []).Select(Regression.Parse).ToArray();
        if (regressions.Length > 0 && verb.Get(_baseline) is null) throw new InputException("--max-regression needs --baseline latest:TAG or run:ID");
        return new Gate(conditions, verb.Get(_baseline), regressions);
    }

    /// <summary>Leaves the report where it was asked for.</summary>
    /// <exception cref="InputException">A file cannot be written.</exception>
    public void Write(VerbInvocation verb, GateReport report)
    {
        try
        {
            if (verb.Get(_summary) is { } summary) File.AppendAllText(summary.FullName, report.Markdown());
            if (verb.Get(_junit) is { } junit) report.JUnit().Save(junit.FullName);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the report cannot be written: {fault.Message}", fault);
        }
    }
}

/// <summary>Conditions over a run's measurements, and limits of how much worse than a baseline they may be.</summary>
internal sealed record Gate(IReadOnlyList<Condition> Conditions, string? Baseline, IReadOnlyList<Regression> Regressions)
{
    public bool IsEmpty => Conditions.Count == 0 && Regressions.Count == 0;

    /// <summary>Checks a run.</summary>
    /// <param name="run">Its measurements.</param>
    /// <param name="client">The server that has the baseline; null where none is asked for.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<GateReport> CheckAsync(MeasuredRun run, ServerClient? client, CancellationToken ct)
    {
        var table = run.ToTable();
        var results = Conditions.Select(condition =>
        {
            var (left, right, met) = condition.Check(table);
            return new GateResult(condition.Text, left, right, met);
        }).ToList();
        var baseline = Baseline is null ? null
            : client is null || run.RunId is not { } id ? throw new InputException("--baseline goes with a run on the server, not with --input")
            : await MeasuredRun.BaselineAsync(client, Baseline, id, ct);
        if (baseline is not null) results.AddRange(Regressions.Select(regression => regression.Check(run, baseline)));
        return new GateReport(run, baseline, results);
    }
}
