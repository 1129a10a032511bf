using System.CommandLine;
using NcService.Core.Statistics;

namespace NcService.Cli.Verbs;

/// <summary>Two columns of a table over chosen rows: what every statistical verb works on.</summary>
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

    private readonly Option<string> _x = new("--x")
    {
        Description = "The measurement: a column or arithmetic over columns with + - * / ^ ( ) log log10 sqrt abs exp",
        HelpName = "EXPR",
        Required = true,
    };

    private readonly Option<string> _y = new("--y")
    {
        Description = "What it is held against, in the same notation",
        HelpName = "EXPR",
        DefaultValueFactory = _ => "val_loss",
    };

    public void AddTo(Command command)
    {
        command.Add(_input);
        command.Add(_rows);
        command.Add(_x);
        command.Add(_y);
    }

    public TwoColumns Read(VerbInvocation verb)
    {
        var table = DataTable.ReadCsv(verb.Require(_input).FullName).WhereMatches(verb.Get(_rows) ?? []);
        var (x, y) = (verb.Require(_x), verb.Require(_y));
        return new TwoColumns(table.RowNames, x, table.Evaluate(x), y, table.Evaluate(y));
    }
}

/// <summary>The columns x and y with the expressions that gave them and the rows' names.</summary>
internal sealed record TwoColumns(IReadOnlyList<string> Names, string XName, double[] X, string YName, double[] Y)
{
    /// <summary>Says on standard error which rows were left out, and why a result has no numbers.</summary>
    public void Explain(VerbInvocation verb, IReadOnlyList<int> leftOut, string? undefinedReason)
    {
        if (leftOut.Count > 0)
        {
            var names = string.Join(", ", leftOut.Take(10).Select(row => Names[row])) + (leftOut.Count > 10 ? ", …" : "");
            verb.Remark($"left out {leftOut.Count} of {Names.Count} rows, where {XName} or {YName} is missing or infinite: {names}");
        }
        if (undefinedReason is not null) verb.Remark($"undefined: {undefinedReason} (x is {XName}, y is {YName})");
    }
}
