using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Statistics;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl correlate: how a measurement goes with the validation loss over chosen models.</summary>
internal static class CorrelateVerb
{
    public static Command Create()
    {
        var table = new TableOptions();
        var seed = new Option<ulong>("--seed") { Description = "Seed of the bootstrap interval" };
        var command = new Command("correlate", "Correlate a measurement with the validation loss: r, R², Spearman, 95 % interval") { seed };
        table.AddTo(command);
        return command.Runs((verb, _) =>
        {
            var columns = table.Read(verb);
            var result = Correlation.Compute(columns.X, columns.Y, verb.Get(seed));
            columns.Explain(verb, result.LeftOut, result.UndefinedReason);
            verb.Print(Json(result), () => People(columns, result));
            return ExitCode.Done;
        });
    }

    private static JsonObject Json(CorrelationResult result) => new()
    {
        ["n"] = result.Count,
        ["r"] = Numbers.Json(result.R),
        ["r2"] = Numbers.Json(result.R2),
        ["spearman"] = Numbers.Json(result.Spearman),
        ["slope"] = Numbers.Json(result.Slope),
        ["intercept"] = Numbers.Json(result.Intercept),
        ["r_interval_95"] = result.Interval95 is { } interval ? new JsonArray(interval.Lower, interval.Upper) : null,
        ["r_interval_method"] = result.IntervalMethod,
        ["undefined_reason"] = result.UndefinedReason,
    };

    private static Table People(TwoColumns columns, CorrelationResult result)
    {
        var table = new Table().AddColumns("quantity", "value");
        table.AddRow("x", Markup.Escape(columns.XName));
        table.AddRow("y", Markup.Escape(columns.YName));
        table.AddRow("n", $"{result.Count}");
        table.AddRow("Pearson r", Numbers.Text(result.R));
        if (result.Interval95 is { } interval)
            table.AddRow("95 % interval of r", $"{Numbers.Text(interval.Lower, 4)} to {Numbers.Text(interval.Upper, 4)} ({result.IntervalMethod})");
        table.AddRow("R²", Numbers.Text(result.R2));
        table.AddRow("Spearman ρ", Numbers.Text(result.Spearman));
        table.AddRow("line", $"y = {Numbers.Text(result.Slope)} · x + {Numbers.Text(result.Intercept)}");
        return table;
    }
}
