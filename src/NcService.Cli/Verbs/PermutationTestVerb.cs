using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Statistics;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl permutation-test: could correlations as strong as these be chance, over models that differ in nothing but the seed or with scale held fixed?</summary>
internal static class PermutationTestVerb
{
    public static Command Create()
    {
        var table = new TableOptions();
        var test = new TestOptions();
        var histogram = new Option<bool>("--histogram") { Description = "Print the null distribution of r too (with --json)" };
        var command = new Command("permutation-test", "Test correlations against chance by permuting y; several --x share one set of permutations") { histogram };
        table.AddTo(command);
        test.AddTo(command);
        return command.Runs((verb, ct) =>
        {
            var input = table.Read(verb);
            var options = test.Read(verb);
            var results = TestOptions.RunWithBar(verb, options, with => PermutationTest.RunFamily(input.X, input.Y, input.Held, with, ct));
            foreach (var result in results) input.Explain(verb, result.LeftOut, result.UndefinedReason);
            JsonObject Row(PermutationTestResult result) => Json(input, result, results.Count, verb.Get(histogram));
            verb.Print(results.Count == 1 ? Row(results[0]) : new JsonObject { ["tests"] = new JsonArray([.. results.Select(Row)]) }, () => People(input, results));
            return ExitCode.Done;
        });
    }

    private static JsonObject Json(StatisticsInput input, PermutationTestResult result, int family, bool histogram)
    {
        var json = new JsonObject
        {
            ["measurement"] = result.Measurement,
            ["n"] = result.Count,
            ["strata"] = result.StrataCount,
            ["r"] = Numbers.Json(result.R),
            ["r2"] = Numbers.Json(result.R2),
            ["alternative"] = EnumOption.Name(result.Alternative),
            ["p"] = Numbers.Json(result.P),
            ["p_two_sided"] = Numbers.Json(result.PTwoSided),
            ["p_one_sided"] = Numbers.Json(result.POneSided),
            ["p_greater"] = Numbers.Json(result.PGreater),
            ["p_less"] = Numbers.Json(result.PLess),
            ["p_benjamini_hochberg"] = Numbers.Json(result.PBenjaminiHochberg),
            ["p_westfall_young"] = Numbers.Json(result.PWestfallYoung),
            ["permutations"] = result.Permutations,
            ["exact"] = result.Exact,
            ["stopped_early"] = result.StoppedEarly,
            ["p_interval_95"] = StatisticsJson.Of(result.PInterval),
            ["left_out"] = input.LeftOutJson(result.LeftOut),
            ["reading"] = StatisticsJson.Of(Reading.Of(result, input.Y.Name, null, family)),
            ["undefined_reason"] = result.UndefinedReason,
        };
        if (histogram) json["histogram"] = result.Histogram is { } bins ? new JsonArray([.. bins.Counts.Select(count => JsonValue.Create(count))]) : null;
        return json;
    }

    private static Rows People(StatisticsInput input, IReadOnlyList<PermutationTestResult> results)
    {
        var table = new Table().AddColumns(["quantity", .. results.Select(result => Markup.Escape(result.Measurement))]);
        void Row(string name, Func<PermutationTestResult, string> value) => table.AddRow([name, .. results.Select(result => Markup.Escape(value(result)))]);
        Row("y", _ => input.Y.Name);
        if (input.HeldWords.Count > 0) Row("held fixed", _ => string.Join(", ", input.HeldWords));
        Row("n", result => result.StrataCount > 1 ? $"{result.Count} in {result.StrataCount} strata" : $"{result.Count}");
        Row(input.HeldWords.Count > 0 ? "partial r" : "Pearson r", result => Numbers.Text(result.R));
        Row("R²", result => Numbers.Text(result.R2));
        Row("p, two-sided", result => Numbers.Text(result.PTwoSided));
        Row("p, greater", result => Numbers.Text(result.PGreater));
        Row("p, less", result => Numbers.Text(result.PLess));
        if (results.Count > 1)
        {
            Row("p, Benjamini–Hochberg", result => Numbers.Text(result.PBenjaminiHochberg));
            Row("p, Westfall–Young", result => Numbers.Text(result.PWestfallYoung));
        }
        if (results.Any(result => result.PInterval is not null))
        {
            Row($"95 % Monte-Carlo interval of p, {EnumOption.Name(results[0].Alternative)}", result =>
                result.PInterval is { } interval ? $"{Numbers.Text(interval.Lower, 4)} to {Numbers.Text(interval.Upper, 4)}" : "–");
        }
        Row("permutations", result => result.Exact ? $"all {result.Permutations:N0} there are" : $"{result.Permutations:N0} at random{(result.StoppedEarly ? ", decided early" : "")}");
        return new Rows([table, .. results.SelectMany(result => ReadingText.Of(Reading.Of(result, input.Y.Name, null, results.Count)))]);
    }
}

/// <summary>A reading as lines for people.</summary>
internal static class ReadingText
{
    public static IEnumerable<Text> Of(Reading reading) => [new Text(reading.Shows), new Text(reading.DoesNotShow)];
}
