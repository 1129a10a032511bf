using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core;
using NcService.Core.Statistics;
using NcService.Platform.Studies;

namespace NcService.Cli.Verbs;

/// <summary>Columns of a table over chosen rows: what every statistical verb works on.</summary>
internal sealed class TableOptions
{
    private readonly Option<FileInfo> _input = new("--input", "-i")
    {
        Description = "CSV file with a header line; its first named column holds the models' names",
        HelpName = "TABLE.csv",
        Required = true,
    };

    private readonly Option<string[]> _rows = new("--rows")
    {
        Description = "Models to use, as a pattern with *, ? and [a-z]; several are a union; all unless given",
        HelpName = "GLOB",
    };

    private readonly Option<string[]> _x = new("--x")
    {
        Description = "The measurement: a column or arithmetic over columns with + - * / ^ ( ) log log10 sqrt abs exp",
        HelpName = "EXPR",
    };

    private readonly Option<string> _y = new("--y")
    {
        Description = "What it is held against, in the same notation",
        HelpName = "EXPR",
        DefaultValueFactory = _ => "val_loss",
    };

    private readonly Option<string[]> _covariates = new("--covariate")
    {
        Description = "What to hold fixed by regression, in the same notation; may be given several times",
        HelpName = "EXPR",
    };

    private readonly Option<string[]> _within = new("--within")
    {
        Description = "Compare only models that agree in this: a column, or architecture or configuration as the models' names tell them; may be given several times",
        HelpName = "COLUMN",
    };

    public void AddTo(Command command, bool xRequired = true, bool canHoldFixed = true)
    {
        _x.Required = xRequired;
        foreach (var option in new Option[] { _input, _rows, _x, _y }) command.Add(option);
        if (!canHoldFixed) return;
        command.Add(_covariates);
        command.Add(_within);
    }

    public StatisticsInput Read(VerbInvocation verb)
    {
        var (table, repeats) = DataTable.ReadCsv(verb.Require(_input).FullName).WhereMatches(verb.Get(_rows) ?? []).WithoutRepeats();
        if (repeats.Count > 0)
            verb.Remark($"left out {repeats.Count} rows that repeat another in every number: {string.Join(", ", repeats.Take(10).Select(repeat => $"{repeat.Row} is {repeat.Of}"))}");
        Variable Named(string expression) => new(expression, table.Evaluate(expression));
        var held = new HeldFixed
        {
            Covariates = [.. (verb.Get(_covariates) ?? []).Select(Named)],
            Strata = verb.Get(_within) is { Length: > 0 } within ? Labels(table, within) : null,
        };
        return new StatisticsInput(table, [.. (verb.Get(_x) ?? []).Distinct().Select(Named)], Named(verb.Require(_y)), held, [.. verb.Get(_covariates) ?? [], .. verb.Get(_within) ?? []]);
    }

    /// <summary>The one measurement of a verb that takes one.</summary>
    public static Variable Single(StatisticsInput input) =>
        input.X.Count == 1 ? input.X[0] : throw new InputException($"one --x is possible here, not {input.X.Count}");

    /// <summary>A label for each row: the cells of the columns together.</summary>
    public static string?[] Labels(DataTable table, IReadOnlyList<string> columns)
    {
        var parts = columns.Select(column => table.Columns.Contains(column) ? table.Text(column).Select(cell => cell.Length == 0 ? null : cell).ToArray() : FromNames(table, column)).ToList();
        return [.. Enumerable.Range(0, table.RowCount).Select(row => parts.Exists(part => part[row] is null) ? null : string.Join(", ", parts.Select(part => part[row])))];
    }

    private static string?[] FromNames(DataTable table, string what)
    {
        Func<RunName, string> label = what switch
        {
            "architecture" => name => $"{name.Depth} layers, d = {name.Width}",
            "configuration" => name => (name with { Seed = null }).ToString(),
            _ => throw new InputException($"no column '{what}'{NearestName.Hint(what, [.. table.Columns, "architecture", "configuration"])}"),
        };
        return [.. table.RowNames.Select(name => RunName.TryParse(name) is { } parsed ? label(parsed) : null)];
    }
}

/// <summary>The table, the columns x and y with the expressions that gave them, and what is held fixed.</summary>
internal sealed record StatisticsInput(DataTable Table, IReadOnlyList<Variable> X, Variable Y, HeldFixed Held, IReadOnlyList<string> HeldWords)
{
    /// <summary>Says on standard error which rows were left out, and why a result has no numbers.</summary>
    public void Explain(VerbInvocation verb, IReadOnlyList<LeftOutRow> leftOut, string? undefinedReason)
    {
        if (leftOut.Count > 0)
        {
            var reasons = leftOut.GroupBy(row => row.Reason).Select(group =>
                $"{string.Join(", ", group.Take(10).Select(row => Table.RowNames[row.Row]))}{(group.Count() > 10 ? ", …" : "")} ({group.Key})");
            verb.Remark($"left out {leftOut.Count} of {Table.RowCount} rows: {string.Join("; ", reasons)}");
        }
        if (undefinedReason is not null) verb.Remark($"undefined: {undefinedReason}");
    }

    public JsonArray LeftOutJson(IReadOnlyList<LeftOutRow> leftOut) =>
        new([.. leftOut.Select(row => new JsonObject { ["row"] = Table.RowNames[row.Row], ["reason"] = row.Reason })]);
}

/// <summary>Parts of results that several verbs print.</summary>
internal static class StatisticsJson
{
    public static JsonArray? Of(Interval? interval) => interval is { } ends ? new JsonArray(ends.Lower, ends.Upper) : null;

    public static JsonObject Of(Reading reading) => new() { ["shows"] = reading.Shows, ["does_not_show"] = reading.DoesNotShow };

    public static JsonObject Of(MeanAndSpread spread) => new()
    {
        ["n"] = spread.Count,
        ["missing"] = spread.Missing,
        ["mean"] = Numbers.Json(spread.Mean),
        ["std"] = Numbers.Json(spread.StandardDeviation),
        ["mean_interval_95"] = Of(spread.MeanInterval95),
        ["minimum"] = Numbers.Json(spread.Minimum),
        ["maximum"] = Numbers.Json(spread.Maximum),
    };
}
