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
        var transformX = EnumOption.Of("--transform-x", "What x is turned into first", Transformation.None);
        var transformY = EnumOption.Of("--transform-y", "What y is turned into first", Transformation.None);
        var influence = new Option<bool>("--influence") { Description = "Say what r would be without each model" };
        var command = new Command("correlate", "Correlate a measurement with the validation loss: r, R², Spearman, Kendall, 95 % intervals")
        {
            seed, transformX, transformY, influence,
        };
        table.AddTo(command);
        return command.Runs((verb, _) =>
        {
            var input = table.Read(verb);
            var (x, y) = Transformations.Apply(TableOptions.Single(input), verb.Get(transformX), input.Y, verb.Get(transformY), input.Held);
            var result = input.HeldWords.Count == 0 ? Correlation.Compute(x, y, verb.Get(seed)) : Correlation.Partial(x, y, input.Held);
            var influences = verb.Get(influence) ? Correlation.LeaveOneOut(x, y, input.Held) : null;
            input.Explain(verb, result.LeftOut, result.UndefinedReason);
            verb.Print(Json(input, x, y, result, influences), () => People(input, x, y, result, influences));
            return ExitCode.Done;
        });
    }

    private static JsonObject Json(StatisticsInput input, Variable x, Variable y, CorrelationResult result, IReadOnlyList<Influence>? influences)
    {
        var json = new JsonObject
        {
            ["x"] = x.Name,
            ["y"] = y.Name,
            ["n"] = result.Count,
            ["r"] = Numbers.Json(result.R),
            ["r2"] = Numbers.Json(result.R2),
            ["spearman"] = Numbers.Json(result.Spearman),
            ["kendall"] = Numbers.Json(result.Kendall),
            ["slope"] = Numbers.Json(result.Slope),
            ["intercept"] = Numbers.Json(result.Intercept),
            ["r_interval_95"] = StatisticsJson.Of(result.Interval95),
            ["r_interval_method"] = result.IntervalMethod,
            ["r_interval_95_fisher"] = StatisticsJson.Of(result.FisherInterval95),
            ["left_out"] = input.LeftOutJson(result.LeftOut),
            ["reading"] = StatisticsJson.Of(Reading.Of(result, x.Name, y.Name, null, input.HeldWords)),
            ["undefined_reason"] = result.UndefinedReason,
        };
        if (influences is not null)
        {
            json["influence"] = new JsonArray([.. influences.Select(one => new JsonObject
            {
                ["row"] = input.Table.RowNames[one.Row],
                ["r_without"] = Numbers.Json(one.RWithout),
                ["change"] = Numbers.Json(one.Change),
                ["undefined_reason"] = one.UndefinedReason,
            })]);
        }
        return json;
    }

    private static Rows People(StatisticsInput input, Variable x, Variable y, CorrelationResult result, IReadOnlyList<Influence>? influences)
    {
        var table = new Table().AddColumns("quantity", "value");
        table.AddRow("x", Markup.Escape(x.Name));
        table.AddRow("y", Markup.Escape(y.Name));
        if (input.HeldWords.Count > 0) table.AddRow("held fixed", Markup.Escape(string.Join(", ", input.HeldWords)));
        table.AddRow("n", $"{result.Count}");
        table.AddRow(input.HeldWords.Count > 0 ? "partial r" : "Pearson r", Numbers.Text(result.R));
        if (result.Interval95 is { } interval) table.AddRow($"95 % interval of r ({result.IntervalMethod})", Ends(interval));
        if (result.FisherInterval95 is { } fisher) table.AddRow("95 % interval of r (Fisher z)", Ends(fisher));
        table.AddRow("R²", Numbers.Text(result.R2));
        table.AddRow("Spearman ρ", Numbers.Text(result.Spearman));
        table.AddRow("Kendall τ-b", Numbers.Text(result.Kendall));
        if (result.Slope is not null) table.AddRow("line", $"y = {Numbers.Text(result.Slope)} · x + {Numbers.Text(result.Intercept)}");
        foreach (var one in influences?.Take(10) ?? [])
        {
            table.AddRow(
                $"r without {Markup.Escape(input.Table.RowNames[one.Row])}",
                one.UndefinedReason is { } reason ? Markup.Escape(reason) : $"{Numbers.Text(one.RWithout)} (the model changes r by {one.Change:+0.0000;−0.0000})");
        }
        return new Rows([table, .. ReadingText.Of(Reading.Of(result, x.Name, y.Name, null, input.HeldWords))]);
    }

    private static string Ends(Interval interval) => $"{Numbers.Text(interval.Lower, 4)} to {Numbers.Text(interval.Upper, 4)}";
}
