using System.Globalization;

namespace NcService.Core.Statistics;

/// <summary>
/// Recursive descent over
/// <code>
/// sum     := product (('+' | '-') product)*
/// product := signed (('*' | '/') signed)*
/// signed  := ('-' | '+') signed | power
/// power   := operand ('^' signed)?
/// operand := number | column | '"' column '"' | function '(' sum ')' | '(' sum ')'
/// </code>
/// so −2^2 is −4 and 2^3^2 is 2^9.
/// </summary>
internal sealed class ColumnExpressionParser(string text, IReadOnlyList<string> columns)
{
    /// <summary>Deeper nesting is refused before it can exhaust the stack.</summary>
    private const int DeepestNesting = 100;

    private const int LongestText = 2000;

    private static readonly Dictionary<string, Func<double, double>> s_functions = new(StringComparer.Ordinal)
    {
        ["log"] = Math.Log,
        ["log10"] = Math.Log10,
        ["sqrt"] = Math.Sqrt,
        ["abs"] = Math.Abs,
        ["exp"] = Math.Exp,
    };

    private int _position;
    private int _depth;

    public ColumnExpression Parse()
    {
        if (text.Length > LongestText) throw new InputException($"the expression has {text.Length} characters; at most {LongestText} are allowed");
        var expression = Sum();
        SkipSpace();
        return _position == text.Length ? expression : throw Fault($"unexpected '{text[_position]}'");
    }

    private ColumnExpression Sum()
    {
        if (++_depth > DeepestNesting) throw Fault($"nested deeper than {DeepestNesting}");
        var left = Product();
        while (true)
        {
            if (Accept('+')) left = new ColumnExpression.Binary((a, b) => a + b, left, Product());
            else if (Accept('-')) left = new ColumnExpression.Binary((a, b) => a - b, left, Product());
            else break;
        }
        _depth--;
        return left;
    }

    private ColumnExpression Product()
    {
        var left = Signed();
        while (true)
        {
            if (Accept('*')) left = new ColumnExpression.Binary((a, b) => a * b, left, Signed());
            else if (Accept('/')) left = new ColumnExpression.Binary((a, b) => a / b, left, Signed());
            else return left;
        }
    }

    private ColumnExpression Signed()
    {
        if (++_depth > DeepestNesting) throw Fault($"nested deeper than {DeepestNesting}");
        ColumnExpression expression;
        if (Accept('-')) expression = new ColumnExpression.Unary(value => -value, Signed());
        else if (Accept('+')) expression = Signed();
        else expression = Power();
        _depth--;
        return expression;
    }

    private ColumnExpression Power()
    {
        var operand = Operand();
        return Accept('^') ? new ColumnExpression.Binary(Math.Pow, operand, Signed()) : operand;
    }

    private ColumnExpression Operand()
    {
        SkipSpace();
        if (_position == text.Length) throw Fault("a column, a number or '(' is missing");
        var start = _position;
        if (Accept('(')) return Closed(Sum(), start);
        var first = text[_position];
        if (char.IsAsciiDigit(first) || first == '.') return new ColumnExpression.Number(Number());
        if (first == '"') return Column(Quoted(), start);
        if (!char.IsLetter(first) && first != '_') throw Fault($"unexpected '{first}'");
        while (_position < text.Length && (char.IsLetterOrDigit(text[_position]) || text[_position] is '_' or '.')) _position++;
        var name = text[start.._position];
        var bracket = _position;
        if (!Accept('(')) return Column(name, start);
        if (!s_functions.TryGetValue(name, out var function))
            throw Fault($"no function '{name}' (there are {string.Join(", ", s_functions.Keys)})", start);
        return new ColumnExpression.Unary(function, Closed(Sum(), bracket));
    }

    private ColumnExpression Closed(ColumnExpression inner, int opening) =>
        Accept(')') ? inner : throw Fault($"the '(' at character {opening + 1} is not closed");

    private ColumnExpression.Column Column(string name, int start) =>
        columns.Contains(name, StringComparer.Ordinal)
            ? new ColumnExpression.Column(name)
            : throw Fault($"no column '{name}'{NearestName.Hint(name, columns)}", start);

    private string Quoted()
    {
        var end = text.IndexOf('"', _position + 1);
        if (end < 0) throw Fault("the \" is not closed");
        var name = text[(_position + 1)..end];
        _position = end + 1;
        return name;
    }

    private double Number()
    {
        var start = _position;
        while (_position < text.Length && (char.IsAsciiDigit(text[_position]) || text[_position] == '.')) _position++;
        if (_position < text.Length && text[_position] is 'e' or 'E')
        {
            var exponent = _position + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-') exponent++;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                while (exponent < text.Length && char.IsAsciiDigit(text[exponent])) exponent++;
                _position = exponent;
            }
        }
        var digits = text[start.._position];
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Fault($"'{digits}' is not a number", start);
    }

    private bool Accept(char symbol)
    {
        SkipSpace();
        if (_position == text.Length || text[_position] != symbol) return false;
        _position++;
        return true;
    }

    private void SkipSpace()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position])) _position++;
    }

    private InputException Fault(string what, int? position = null) =>
        new($"{what}, at character {(position ?? _position) + 1} of '{text}'");
}
