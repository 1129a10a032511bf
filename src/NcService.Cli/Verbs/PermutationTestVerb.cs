using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core;
using NcService.Core.Statistics;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl permutation-test: could a correlation as strong as this be chance, over models that differ in nothing but the seed?</summary>
internal static class PermutationTestVerb
{
    /// <summary>A day's work on two cores; more is a slip of the keyboard.</summary>
    private const long MostPermutations = 1_000_000_000_000;

    private const long PermutationsWorthABar = 20_000_000;

    public static Command Create()
    {
        var table = new TableOptions();
        var permutations = new Option<long>("--permutations", "-b")
        {
            Description = "B, how often y is permuted; every permutation is used once instead where there are no more than B",
            HelpName = "B",
            DefaultValueFactory = _ => 10_000,
        };
        var seed = new Option<ulong>("--seed") { Description = "Same seed, same p, on any machine", HelpName = "S" };
        var threads = new Option<int?>("--threads") { Description = "Threads to use; all cores unless given. Changes the time, never the result" };
        var command = new Command("permutation-test", "Test a correlation against chance by permuting y") { permutations, seed, threads };
        table.AddTo(command);
        return command.Runs((verb, ct) =>
        {
            var asked = verb.Get(permutations);
            if (asked is < 1 or > MostPermutations) throw new InputException($"--permutations {asked} must lie between 1 and {MostPermutations}");
            if (verb.Get(threads) is < 1) throw new InputException($"--threads {verb.Get(threads)} must be at least 1");
            var columns = table.Read(verb);
            var options = new PermutationTestOptions { Permutations = asked, Seed = verb.Get(seed), MaximumThreads = verb.Get(threads) };
            var result = RunWithBar(verb, columns, options, ct);
            columns.Explain(verb, result.LeftOut, result.UndefinedReason);
            verb.Print(Json(result), () => People(columns, result));
            return ExitCode.Done;
        });
    }

    private static PermutationTestResult RunWithBar(VerbInvocation verb, TwoColumns columns, PermutationTestOptions options, CancellationToken ct)
    {
        PermutationTestResult Run(IProgress<long>? progress) => PermutationTest.Run(columns.X, columns.Y, options with { Progress = progress }, ct);
        if (options.Permutations < PermutationsWorthABar) return Run(null);
        return ProgressDisplay.Show(verb, display => Run(new ReportTo<long>(done =>
            display.Report("permuting", (double)done / options.Permutations, $"{done:N0} of {options.Permutations:N0}"))));
    }

    private static JsonObject Json(PermutationTestResult result) => new()
    {
        ["n"] = result.Count,
        ["r"] = Numbers.Json(result.R),
        ["r2"] = Numbers.Json(result.R2),
        ["p_two_sided"] = Numbers.Json(result.PTwoSided),
        ["p_one_sided"] = Numbers.Json(result.POneSided),
        ["permutations"] = result.Permutations,
        ["exact"] = result.Exact,
        ["p_two_sided_interval_95"] = result.PInterval is { } interval ? new JsonArray(interval.Lower, interval.Upper) : null,
        ["undefined_reason"] = result.UndefinedReason,
    };

    private static Table People(TwoColumns columns, PermutationTestResult result)
    {
        var table = new Table().AddColumns("quantity", "value");
        table.AddRow("x", Markup.Escape(columns.XName));
        table.AddRow("y", Markup.Escape(columns.YName));
        table.AddRow("n", $"{result.Count}");
        table.AddRow("Pearson r", Numbers.Text(result.R));
        table.AddRow("R²", Numbers.Text(result.R2));
        table.AddRow("p, two-sided", Numbers.Text(result.PTwoSided));
        table.AddRow("p, one-sided in the direction of r", Numbers.Text(result.POneSided));
        if (result.PInterval is { } interval)
            table.AddRow("95 % Monte-Carlo interval of the two-sided p", $"{Numbers.Text(interval.Lower, 4)} to {Numbers.Text(interval.Upper, 4)}");
        table.AddRow("permutations", result.Exact ? $"all {result.Permutations:N0} there are" : $"{result.Permutations:N0} at random");
        return table;
    }
}
