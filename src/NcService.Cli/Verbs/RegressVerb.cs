using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core;
using NcService.Core.Statistics;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl regress: how well chosen measurements account for the loss together, or which of them add something beyond the others.</summary>
internal static class RegressVerb
{
    public static Command Create()
    {
        var table = new TableOptions();
        var test = new TestOptions();
        var stepwise = new Option<bool>("--stepwise") { Description = "Choose among the measurements step by step, each step tested by permutation" };
        var level = new Option<double>("--level") { Description = "A step is significant where its p is at most this", HelpName = "ALPHA", DefaultValueFactory = _ => 0.05 };
        var steps = new Option<int>("--maximum-steps") { Description = "Steps at most", DefaultValueFactory = _ => 10 };
        var command = new Command("regress", "Account for the loss by several measurements: R², leave-one-out R², or the stepwise table of ΔR²") { stepwise, level, steps };
        table.AddTo(command);
        test.AddTo(command);
        return command.Runs((verb, ct) =>
        {
            if (verb.Get(level) is not (> 0 and < 1)) throw new InputException($"--level {verb.Get(level)} must lie between 0 and 1");
            if (verb.Get(steps) < 1) throw new InputException($"--maximum-steps {verb.Get(steps)} must be at least 1");
            var input = table.Read(verb);
            if (verb.Get(stepwise))
            {
                var found = StepwiseRegression.Run(input.X, input.Y, input.Held, test.Read(verb), verb.Get(level), verb.Get(steps), ct);
                input.Explain(verb, found.LeftOut, null);
                verb.Print(Json(input, found), () => People(input, found));
                return ExitCode.Done;
            }
            var result = Regression.Fit(input.X, input.Y, input.Held);
            input.Explain(verb, result.LeftOut, result.UndefinedReason);
            verb.Print(Json(input, result), () => People(result));
            return ExitCode.Done;
        });
    }

    private static JsonObject Json(StatisticsInput input, RegressionResult result) => new()
    {
        ["measurements"] = new JsonArray([.. result.Measurements.Select(name => JsonValue.Create(name))]),
        ["n"] = result.Count,
        ["r2"] = Numbers.Json(result.R2),
        ["r2_adjusted"] = Numbers.Json(result.AdjustedR2),
        ["r2_leave_one_out"] = Numbers.Json(result.LeaveOneOutR2),
        ["left_out"] = input.LeftOutJson(result.LeftOut),
        ["undefined_reason"] = result.UndefinedReason,
    };

    private static JsonObject Json(StatisticsInput input, StepwiseResult result) => new()
    {
        ["n"] = result.Count,
        ["steps"] = new JsonArray([.. result.Steps.Select(step => new JsonObject
        {
            ["measurement"] = step.Measurement,
            ["partial_r"] = Numbers.Json(step.PartialR),
            ["delta_r2"] = Numbers.Json(step.DeltaR2),
            ["r2"] = Numbers.Json(step.R2),
            ["r2_leave_one_out"] = Numbers.Json(step.LeaveOneOutR2),
            ["p"] = Numbers.Json(step.P),
            ["p_selected"] = Numbers.Json(step.PSelected),
            ["significant"] = step.Significant,
            ["permutations"] = step.Permutations,
        })]),
        ["set_aside"] = new JsonArray([.. result.SetAside.Select(one => new JsonObject { ["measurement"] = one.Measurement, ["reason"] = one.Reason })]),
        ["left_out"] = input.LeftOutJson(result.LeftOut),
        ["reading"] = StatisticsJson.Of(Reading.Of(result, input.Y.Name)),
    };

    private static Table People(RegressionResult result)
    {
        var table = new Table().AddColumns("quantity", "value");
        table.AddRow("measurements", Markup.Escape(string.Join(", ", result.Measurements)));
        table.AddRow("n", $"{result.Count}");
        table.AddRow("R²", Numbers.Text(result.R2));
        table.AddRow("R², adjusted", Numbers.Text(result.AdjustedR2));
        table.AddRow("R², leave-one-out", Numbers.Text(result.LeaveOneOutR2));
        return table;
    }

    private static Rows People(StatisticsInput input, StepwiseResult result)
    {
        var table = new Table().AddColumns("step", "measurement", "partial r", "ΔR²", "R²", "R², leave-one-out", "p", "p, the choice paid for");
        for (var i = 0; i < result.Steps.Count; i++)
        {
            var step = result.Steps[i];
            table.AddRow(
                $"{i + 1}", Markup.Escape(step.Measurement), Numbers.Text(step.PartialR, 4), Numbers.Text(step.DeltaR2, 4), Numbers.Text(step.R2, 4),
                Numbers.Text(step.LeaveOneOutR2, 4), Numbers.Text(step.P, 4), Numbers.Text(step.PSelected, 4) + (step.Significant ? "" : " (not significant)"));
        }
        foreach (var one in result.SetAside) table.AddRow("–", Markup.Escape(one.Measurement), Markup.Escape(one.Reason), "", "", "", "", "");
        return new Rows([table, .. ReadingText.Of(Reading.Of(result, input.Y.Name))]);
    }
}
