using System.Globalization;
using CsvHelper;

namespace NcService.Core.Statistics;

/// <summary>
/// A table of results, one row per model, as read from CSV. The first column that has a name holds the rows' names; columns without one (the
/// index that pandas writes) are passed over.
/// </summary>
public sealed class DataTable
{
    private static readonly string[] s_missing = ["", "nan", "na", "n/a", "null", "none"];

    private static readonly CsvReaderOptions s_readerOptions = new()
    {
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    private readonly Dictionary<string, string[]> _cells;

    private DataTable(IReadOnlyList<string> columns, Dictionary<string, string[]> cells)
    {
        Columns = columns;
        _cells = cells;
    }

    /// <summary>Column names in the file's order, the name column first.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>How many rows there are.</summary>
    public int RowCount => RowNames.Count;

    /// <summary>The rows' names: the first named column.</summary>
    public IReadOnlyList<string> RowNames => _cells[Columns[0]];

    /// <summary>Reads a CSV file with a header line; the separator (comma, semicolon, tab, bar) is found from its first lines.</summary>
    /// <exception cref="InputException">The file is missing or is no such table; the message says where.</exception>
    public static DataTable ReadCsv(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using var reader = new StreamReader(path);
            return ReadCsv(reader, path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {path}: {fault.Message}", fault);
        }
    }

    /// <summary>Reads CSV with a header line.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="InputException">The text is no such table.</exception>
    public static DataTable ReadCsv(TextReader reader, string source = "the table")
    {
        ArgumentNullException.ThrowIfNull(reader);
        try
        {
            using var csv = CsvReader.Create(reader, s_readerOptions, leaveOpen: true);
            return Read(csv, source);
        }
        catch (CsvFormatException fault)
        {
            throw new InputException($"{source}, line {fault.LineNumber}: {fault.Message}", fault);
        }
    }

    /// <summary>The rows whose name matches any of the globs (*, ?, [...]), in the table's order; all rows where no glob is given.</summary>
    /// <exception cref="InputException">A glob matches no row.</exception>
    public DataTable WhereMatches(IEnumerable<string> globs)
    {
        ArgumentNullException.ThrowIfNull(globs);
        var patterns = globs.Select(pattern => new Glob(pattern)).ToArray();
        if (patterns.Length == 0) return this;
        foreach (var pattern in patterns.Where(pattern => !RowNames.Any(pattern.Matches)))
        {
            var example = RowCount == 0 ? "the table has no rows" : $"names look like '{RowNames[0]}'";
            throw new InputException($"no row has a {Columns[0]} that matches '{pattern.Pattern}' ({example})");
        }
        return SelectRows([.. Enumerable.Range(0, RowCount).Where(row => patterns.Any(pattern => pattern.Matches(RowNames[row])))]);
    }

    /// <summary>The table without rows that repeat an earlier one in every number, and which these were.</summary>
    public (DataTable Table, IReadOnlyList<(string Row, string Of)> Repeats) WithoutRepeats()
    {
        var repeats = RepeatedRows.Find([.. Columns.Where(IsNumeric).Select(Numbers)]);
        if (repeats.Count == 0) return (this, []);
        var left = repeats.Select(repeat => repeat.Row).ToHashSet();
        return (SelectRows([.. Enumerable.Range(0, RowCount).Where(row => !left.Contains(row))]), [.. repeats.Select(repeat => (RowNames[repeat.Row], RowNames[repeat.Of]))]);
    }

    /// <summary>A column's cells as text.</summary>
    /// <exception cref="InputException">There is no such column.</exception>
    public IReadOnlyList<string> Text(string column) =>
        _cells.TryGetValue(column, out var cells)
            ? cells
            : throw new InputException($"no column '{column}'{NearestName.Hint(column, Columns)}");

    /// <summary>A column's cells as numbers; an empty cell, "NaN" or "NA" is NaN.</summary>
    /// <exception cref="InputException">There is no such column, or a cell is no number.</exception>
    public double[] Numbers(string column)
    {
        var cells = Text(column);
        var numbers = new double[cells.Count];
        for (var row = 0; row < numbers.Length; row++)
        {
            if (TryNumber(cells[row]) is not { } number)
                throw new InputException($"column '{column}', row '{RowNames[row]}': '{cells[row]}' is not a number");
            numbers[row] = number;
        }
        return numbers;
    }

    /// <summary>Every cell of the column is a number or missing, and at least one is a number.</summary>
    public bool IsNumeric(string column)
    {
        var values = Text(column).Select(TryNumber).ToArray();
        return values.All(value => value is not null) && values.Any(value => value is { } number && !double.IsNaN(number));
    }

    /// <summary>
    /// A column, or arithmetic over columns and numbers for each row: + − * / ^, parentheses, and log (natural), log10, sqrt, abs and exp.
    /// A column whose name is no plain word is written in double quotes. What arithmetic leaves undefined (1/0, log of −1) is infinite or NaN.
    /// </summary>
    /// <exception cref="InputException">The text is no such expression, or names a column that is not there; the message says at which character.</exception>
    public double[] Evaluate(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        if (_cells.ContainsKey(expression)) return Numbers(expression);
        return ColumnExpression.Parse(expression, Columns).Evaluate(this);
    }

    private static DataTable Read(CsvReader csv, string source)
    {
        csv.ReadHeader();
        var header = csv.Headers.ToArray();
        var columns = header.Where(name => name.Length > 0).ToArray();
        if (columns.Length == 0) throw new InputException($"{source} has no header line that names a column");
        if (columns.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InputException($"{source}: column '{twice.Key}' occurs {twice.Count()} times in the header line; names must differ");

        var rows = new List<string[]>();
        while (csv.Read())
        {
            var record = csv.Current.ToArray();
            if (record.Length != header.Length)
                throw new InputException($"{source}, line {csv.LineNumber}: {record.Length} fields where the header has {header.Length}");
            rows.Add(record);
        }
        var cells = new Dictionary<string, string[]>(StringComparer.Ordinal);
        for (var i = 0; i < header.Length; i++)
        {
            var index = i;
            if (header[i].Length > 0) cells[header[i]] = [.. rows.Select(row => row[index])];
        }
        return new DataTable(columns, cells);
    }

    private DataTable SelectRows(int[] rows) => new(
        Columns,
        Columns.ToDictionary(column => column, column => rows.Select(row => _cells[column][row]).ToArray(), StringComparer.Ordinal));

    private static double? TryNumber(string cell)
    {
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number;
        if (s_missing.Contains(cell, StringComparer.OrdinalIgnoreCase)) return double.NaN;
        return cell.ToUpperInvariant() switch
        {
            "INF" or "+INF" => double.PositiveInfinity,
            "-INF" => double.NegativeInfinity,
            _ => null,
        };
    }
}
