using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Statistics;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl compare: how measurements differ between two groups of models.</summary>
internal static class CompareVerb
{
    public static Command Create()
    {
        var table = new TableOptions();
        var test = new TestOptions();
        var by = new Option<string>("--by")
        {
            Description = "What tells the groups apart: a column, or architecture or configuration as the models' names tell them",
            HelpName = "COLUMN",
            Required = true,
        };
        var first = new Option<string>("--first") { Description = "Its value in the first group", HelpName = "VALUE", Required = true };
        var second = new Option<string>("--second") { Description = "Its value in the second group", HelpName = "VALUE", Required = true };
        var command = new Command("compare", "Compare the means of two groups of models by permuting the groups' labels") { by, first, second };
        table.AddTo(command, xRequired: false);
        test.AddTo(command);
        return command.Runs((verb, ct) =>
        {
            var input = table.Read(verb);
            var groups = TableOptions.Labels(input.Table, [verb.Require(by)]);
            var (one, other) = (verb.Require(first), verb.Require(second));
            var results = DifferenceOfMeans.RunFamily([input.Y, .. input.X], groups, one, other, input.Held, test.Read(verb), ct);
            foreach (var result in results) input.Explain(verb, result.Test.LeftOut, result.Test.UndefinedReason);
            verb.Print(new JsonObject { ["comparisons"] = new JsonArray([.. results.Select(result => Json(input, result, one, other))]) }, () => People(results, one, other));
            return ExitCode.Done;
        });
    }

    private static JsonObject Json(StatisticsInput input, DifferenceOfMeansResult result, string first, string second) => new()
    {
        ["quantity"] = result.Test.Measurement,
        ["first"] = StatisticsJson.Of(result.First),
        ["second"] = StatisticsJson.Of(result.Second),
        ["difference"] = Numbers.Json(result.Difference),
        ["rank_biserial"] = Numbers.Json(result.RankBiserial),
        ["p"] = Numbers.Json(result.Test.P),
        ["p_benjamini_hochberg"] = Numbers.Json(result.Test.PBenjaminiHochberg),
        ["p_westfall_young"] = Numbers.Json(result.Test.PWestfallYoung),
        ["p_interval_95"] = StatisticsJson.Of(result.Test.PInterval),
        ["permutations"] = result.Test.Permutations,
        ["exact"] = result.Test.Exact,
        ["left_out"] = input.LeftOutJson(result.Test.LeftOut),
        ["reading"] = StatisticsJson.Of(Reading.Of(result, first, second)),
        ["undefined_reason"] = result.Test.UndefinedReason,
    };

    private static Rows People(IReadOnlyList<DifferenceOfMeansResult> results, string first, string second)
    {
        var table = new Table().AddColumns("quantity", Markup.Escape(first), Markup.Escape(second), "difference", "rank-biserial", "p", "p, Westfall–Young");
        foreach (var result in results)
        {
            table.AddRow(
                Markup.Escape(result.Test.Measurement), Spread(result.First), Spread(result.Second), Numbers.Text(result.Difference, 4), Numbers.Text(result.RankBiserial, 4),
                Numbers.Text(result.Test.P, 4), Numbers.Text(result.Test.PWestfallYoung, 4));
        }
        return new Rows([table, .. results.SelectMany(result => ReadingText.Of(Reading.Of(result, first, second)))]);
    }

    private static string Spread(MeanAndSpread spread) => $"{Numbers.Text(spread.Mean, 5)} ± {Numbers.Text(spread.StandardDeviation, 3)} ({spread.Count})";
}
