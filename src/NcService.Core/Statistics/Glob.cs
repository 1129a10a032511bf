using System.Text;
using System.Text.RegularExpressions;

namespace NcService.Core.Statistics;

/// <summary>
/// A shell pattern over whole names: * any run of characters, ? any one, [a-z] one of a set, [!a-z] one outside it. Case counts. A [ without
/// its ] stands for itself.
/// </summary>
internal sealed class Glob
{
    private readonly Regex _expression;

    public Glob(string pattern)
    {
        Pattern = pattern;
        // Without backtracking no pattern can be slow.
        _expression = new Regex(
            Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
    }

    public string Pattern { get; }

    public bool Matches(string name) => _expression.IsMatch(name);

    private static string Translate(string pattern)
    {
        var expression = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*':
                    expression.Append(".*");
                    break;
                case '?':
                    expression.Append('.');
                    break;
                // A ] directly after the bracket (or its !) is a member of the set.
                case '[' when SetEnd(pattern, i) is var end and > 0:
                    expression.Append(Set(pattern, i, end));
                    i = end;
                    break;
                default:
                    expression.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }
        return expression.Append(@"\z").ToString();
    }

    private static int SetEnd(string pattern, int start)
    {
        var first = start + 1;
        if (first < pattern.Length && pattern[first] is '!' or '^') first++;
        return first + 1 > pattern.Length ? -1 : pattern.IndexOf(']', first + 1);
    }

    private static string Set(string pattern, int start, int end)
    {
        var members = pattern[(start + 1)..end];
        var negated = members[0] is '!' or '^';
        if (negated) members = members[1..];
        var set = new StringBuilder();
        for (var i = 0; i < members.Length; i++)
        {
            var low = members[i];
            var range = i + 2 < members.Length && members[i + 1] == '-';
            var high = range ? members[i + 2] : low;
            if (range) i += 2;
            // A range that runs backwards holds nothing.
            if (low <= high) set.Append(Code(low)).Append('-').Append(Code(high));
        }
        if (set.Length == 0) return negated ? "." : @"[^\s\S]";
        return $"[{(negated ? "^" : "")}{set}]";
    }

    private static string Code(char character) => $@"\u{(int)character:x4}";
}
