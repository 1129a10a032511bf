using NcService.Core;
using NcService.Core.Statistics;

namespace NcService.Cli;

/// <summary>A comparison of two expressions over measurements, such as <c>val_loss &lt;= 2.5</c>.</summary>
internal sealed record Condition(string Text, string Left, string Operator, string Right)
{
    private static readonly string[] s_operators = ["<=", ">=", "<", ">"];

    public static Condition Parse(string text)
    {
        foreach (var sign in s_operators)
        {
            var position = text.IndexOf(sign, StringComparison.Ordinal);
            if (position < 0) continue;
            var condition = new Condition(text, text[..position].Trim(), sign, text[(position + sign.Length)..].Trim());
            if (condition.Right.IndexOfAny(['<', '>', '=']) >= 0) break;
            return condition;
        }
        throw new InputException($"'{text}' is no condition; one comparison with <=, >=, < or > is needed, such as 'val_loss <= 2.5'");
    }

    /// <summary>Both sides' values, and whether they compare as asked; an undefined side never does.</summary>
    public (double Left, double Right, bool Met) Check(DataTable measurements)
    {
        var (left, right) = (measurements.Evaluate(Left)[0], measurements.Evaluate(Right)[0]);
        var met = Operator switch
        {
            "<=" => left <= right,
            ">=" => left >= right,
            "<" => left < right,
            _ => left > right,
        };
        return (left, right, met);
    }
}
