using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core;
using NcService.Core.Statistics;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl seeds: mean and spread over models that differ in nothing but the seed.</summary>
internal static class SeedsVerb
{
    private const int FewestSeeds = 2;

    public static Command Create()
    {
        var table = new TableOptions();
        var command = new Command("seeds", "Mean ± standard deviation over models that differ in nothing but the seed, as their names tell it");
        table.AddTo(command, xRequired: false, canHoldFixed: false);
        return command.Runs((verb, _) =>
        {
            var input = table.Read(verb);
            var labels = TableOptions.Labels(input.Table, ["configuration"]);
            var groups = Enumerable.Range(0, input.Table.RowCount).Where(row => labels[row] is not null).GroupBy(row => labels[row]!)
                .Where(group => group.Count() >= FewestSeeds).Select(group => (Name: group.Key, Rows: group.ToArray())).ToList();
            if (groups.Count == 0) throw new InputException($"no two of the {input.Table.RowCount} models differ in nothing but the seed, as names such as 02x0768_01d07@0 would tell it");
            Variable[] columns = [input.Y, .. input.X];
            MeanAndSpread Spread(Variable column, int[] rows) => MeanAndSpread.Of(Array.ConvertAll(rows, row => column.Values[row]));
            var json = new JsonArray([.. groups.Select(group => new JsonObject
            {
                ["configuration"] = group.Name,
                ["models"] = new JsonArray([.. group.Rows.Select(row => JsonValue.Create(input.Table.RowNames[row]))]),
                ["values"] = new JsonObject(columns.Select(column => KeyValuePair.Create<string, JsonNode?>(column.Name, StatisticsJson.Of(Spread(column, group.Rows))))),
            })]);
            verb.Print(new JsonObject { ["groups"] = json }, () =>
            {
                var people = new Table().AddColumns(["configuration", "seeds", .. columns.Select(column => Markup.Escape(column.Name))]);
                foreach (var (name, rows) in groups)
                {
                    people.AddRow([Markup.Escape(name), $"{rows.Length}", .. columns.Select(column => Spread(column, rows)).Select(spread =>
                        $"{Numbers.Text(spread.Mean)} ± {Numbers.Text(spread.StandardDeviation, 3)}")]);
                }
                return people;
            });
            return ExitCode.Done;
        });
    }
}
