using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Spectre.Console;

namespace NcService.Cli.Gates;

/// <summary>One thing that was asked of a model, the two values that were compared, and whether it holds.</summary>
internal sealed record GateResult(string Text, double Left, double Right, bool Met);

/// <summary>What a gate found, as tables for people, JSON for programs, Markdown for a pipeline's summary and JUnit's XML for its test page.</summary>
/// <param name="Run">The model.</param>
/// <param name="Baseline">What it was compared with; null for nothing.</param>
/// <param name="Results">In the order they were asked.</param>
internal sealed record GateReport(MeasuredRun Run, MeasuredRun? Baseline, IReadOnlyList<GateResult> Results)
{
    public bool Met => Results.All(result => result.Met);

    public JsonObject Json() => new()
    {
        ["met"] = Met,
        ["run_id"] = Run.RunId,
        ["baseline_run_id"] = Baseline?.RunId,
        ["conditions"] = new JsonArray([.. Results.Select(result => new JsonObject
        {
            ["condition"] = result.Text,
            ["left"] = Numbers.Json(result.Left),
            ["right"] = Numbers.Json(result.Right),
            ["met"] = result.Met,
        })]),
    };

    public Table People()
    {
        var table = new Table().AddColumns("condition", "left", "right", "met");
        foreach (var result in Results) table.AddRow(Markup.Escape(result.Text), Numbers.Text(result.Left), Numbers.Text(result.Right), result.Met ? "yes" : "NO");
        return table;
    }

    /// <summary>Verdict, conditions, and every measurement beside the baseline's.</summary>
    public string Markdown()
    {
        var text = new StringBuilder($"## Neural collapse: {(Met ? "passed" : "FAILED")}\n\n{Cell(Run.Name)}{(Baseline is null ? "" : $", compared with {Cell(Baseline.Name)}")}\n\n");
        if (Results.Count > 0)
        {
            text.Append("| condition | value | limit | met |\n| --- | ---: | ---: | --- |\n");
            foreach (var result in Results) text.Append(CultureInfo.InvariantCulture, $"| `{Cell(result.Text)}` | {Numbers.Text(result.Left)} | {Numbers.Text(result.Right)} | {(result.Met ? "✅" : "❌")} |\n");
            text.Append('\n');
        }
        text.Append(Baseline is null ? "| measurement | value |\n| --- | ---: |\n" : "| measurement | value | baseline | change |\n| --- | ---: | ---: | ---: |\n");
        foreach (var (name, value) in Run.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(name)} | {Numbers.Text(value)} |");
            if (Baseline is not null)
            {
                var before = Baseline.Values.GetValueOrDefault(name, double.NaN);
                var change = (value - before) / Math.Abs(before);
                text.Append(CultureInfo.InvariantCulture, $" {Numbers.Text(before)} | {(double.IsFinite(change) ? change.ToString("+0.00 %;-0.00 %;0 %", CultureInfo.InvariantCulture) : "")} |");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>One test case a condition, as CI systems read them.</summary>
    public XDocument JUnit()
    {
        var cases = Results.Select(result => new XElement(
            "testcase", new XAttribute("classname", "ncctl.gate"), new XAttribute("name", Clean(result.Text)),
            result.Met ? null : new XElement("failure", new XAttribute("message", Clean($"{Numbers.Text(result.Left)} against {Numbers.Text(result.Right)}")))));
        return new XDocument(new XElement(
            "testsuites",
            new XElement(
                "testsuite", new XAttribute("name", Clean($"neural collapse of {Run.Name}")), new XAttribute("tests", Results.Count),
                new XAttribute("failures", Results.Count(result => !result.Met)), new XAttribute("errors", 0), cases)));
    }

    // A cell ends at a bar, and raw HTML would be drawn.
    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    // XML has no control characters.
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
