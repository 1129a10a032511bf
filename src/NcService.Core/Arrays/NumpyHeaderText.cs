using System.Globalization;

namespace NcService.Core.Arrays;

/// <summary>The dictionary in a .npy header: <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>, its keys in any order.</summary>
internal sealed class NumpyHeaderText
{
    private readonly string text;
    private int position;

    private NumpyHeaderText(string text) => this.text = text;

    public string Description { get; private set; } = "";

    public bool FortranOrder { get; private set; }

    public IReadOnlyList<long> Shape { get; private set; } = [];

    /// <summary>Reads the dictionary.</summary>
    /// <exception cref="FormatException">The text is no such dictionary; the message says where.</exception>
    public static NumpyHeaderText Parse(string text)
    {
        var header = new NumpyHeaderText(text);
        header.Dictionary();
        return header;
    }

    private void Dictionary()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Take('{');
        while (!TryTake('}'))
        {
            var key = String();
            if (!seen.Add(key)) throw Fault($"'{key}' stands in it twice");
            Take(':');
            switch (key)
            {
                case "descr":
                    Description = Next() == '[' ? throw Fault("a record of several fields is no array of numbers") : String();
                    break;
                case "fortran_order":
                    FortranOrder = Boolean();
                    break;
                case "shape":
                    Shape = Tuple();
                    break;
                default:
                    throw Fault($"'{key}' is unknown; there are descr, fortran_order and shape");
            }
            if (TryTake(',')) continue;
            Take('}');
            break;
        }
        if (Next() != '\0') throw Fault("something follows the dictionary");
        foreach (var key in (ReadOnlySpan<string>)["descr", "fortran_order", "shape"])
        {
            if (!seen.Contains(key)) throw Fault($"'{key}' is missing");
        }
    }

    private string String()
    {
        var quote = Next();
        if (quote is not ('\'' or '"')) throw Fault("a quoted text is missing");
        var end = text.IndexOf(quote, position + 1);
        if (end < 0) throw Fault("a quoted text does not end");
        var value = text[(position + 1)..end];
        if (value.Length > 40 || value.Any(c => c is < ' ' or > '~' or '\\')) throw Fault("a quoted text is no type or key");
        position = end + 1;
        return value;
    }

    private bool Boolean()
    {
        Next();
        foreach (var (word, value) in (ReadOnlySpan<(string, bool)>)[("True", true), ("False", false)])
        {
            if (string.CompareOrdinal(text, position, word, 0, word.Length) != 0) continue;
            position += word.Length;
            return value;
        }
        throw Fault("fortran_order must be True or False");
    }

    private List<long> Tuple()
    {
        var sizes = new List<long>();
        Take('(');
        while (!TryTake(')'))
        {
            sizes.Add(Integer());
            if (sizes.Count > 8) throw Fault("an array of more than 8 dimensions");
            // (3) is a number in Python, (3,) a tuple.
            if (TryTake(',')) continue;
            if (sizes.Count == 1) throw Fault("shape must be a tuple");
            Take(')');
            break;
        }
        return sizes;
    }

    private long Integer()
    {
        Next();
        var start = position;
        while (position < text.Length && char.IsAsciiDigit(text[position])) position++;
        if (!long.TryParse(text.AsSpan(start, position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            throw Fault("shape must hold whole numbers from 0");
        // Python 2 wrote long integers so.
        if (position < text.Length && text[position] == 'L') position++;
        return value;
    }

    /// <summary>The next character that is no space, or NUL at the end.</summary>
    private char Next()
    {
        while (position < text.Length && text[position] is ' ' or '\t' or '\n' or '\r') position++;
        return position < text.Length ? text[position] : '\0';
    }

    private bool TryTake(char wanted)
    {
        if (Next() != wanted) return false;
        position++;
        return true;
    }

    private void Take(char wanted)
    {
        if (!TryTake(wanted)) throw Fault($"'{wanted}' is missing");
    }

    private FormatException Fault(string what) => new($"{what} (at character {position})");
}
