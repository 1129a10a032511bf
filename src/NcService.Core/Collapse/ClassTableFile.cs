using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NcService.Core.Models;

namespace NcService.Core.Collapse;

/// <summary>
/// Reads pages of a saved <see cref="ClassTable"/>. A query reads the column it sorts by and, where it searches, the texts; of the other columns only the rows of
/// its page. Any number of threads may query at once.
/// </summary>
public sealed class ClassTableFile : IDisposable
{
    private readonly SafeFileHandle file;
    private readonly Dictionary<string, SafeTensorsEntry> columns;
    private readonly long dataOffset;

    private ClassTableFile(SafeFileHandle file, SafeTensorsHeader header)
    {
        this.file = file;
        dataOffset = header.DataOffset;
        columns = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        Count = (int)columns[ClassTableColumns.Id].Shape[0];
    }

    /// <summary>Columns that a query can sort by.</summary>
    public static IReadOnlyList<string> SortableColumns => ClassTableColumns.Sortable;

    /// <summary>Classes.</summary>
    public int Count { get; }

    /// <summary>Opens a file that <see cref="ClassTable.Save"/> wrote.</summary>
    /// <exception cref="InputException">It is absent, broken or something else.</exception>
    public static ClassTableFile Open(string path)
    {
        var header = SafeTensorsHeader.Read(path);
        if (header.Metadata.GetValueOrDefault("format") != ClassTableColumns.Format || header.Metadata.GetValueOrDefault("version") != ClassTableColumns.Version)
            throw new InputException($"{path} is no per-class table in format version {ClassTableColumns.Version}.");
        return new ClassTableFile(File.OpenHandle(path, options: FileOptions.RandomAccess), header);
    }

    /// <summary>A page of the rows that are wanted, in the order that is wanted; undefined values come last in either direction.</summary>
    /// <exception cref="InputException">There is no such column to sort by.</exception>
    public ClassTablePage Query(ClassTableQuery query)
    {
        if (!ClassTableColumns.Sortable.Contains(query.Sort))
            throw new InputException($"Classes cannot be sorted by '{query.Sort}'; possible: {string.Join(", ", ClassTableColumns.Sortable)}.");
        var order = Order(Matching(query.Search), query.Sort, query.Descending);
        return new ClassTablePage([.. order.Skip(query.Skip).Take(query.Take).Select(Row)], order.Length);
    }

    /// <summary>
    /// Principal coordinates of at most that many classes, those with the most samples: enough for a picture of any vocabulary. In the order of ids.
    /// </summary>
    public IReadOnlyList<ClassPoint> Points(int most)
    {
        if (!columns.TryGetValue(ClassTableColumns.Coordinates, out var column)) return [];
        var width = (int)column.Shape[1];
        var (ids, counts, coordinates) = (Longs(ClassTableColumns.Id), Longs(ClassTableColumns.Count), Doubles(ClassTableColumns.Coordinates));
        return [.. Order([.. Enumerable.Range(0, Count)], ClassTableColumns.Count, descending: true).Take(most).Order()
            .Select(row => new ClassPoint((int)ids[row], TextOf(row), counts[row], coordinates.AsSpan(row * width, width).ToArray()))];
    }

    /// <summary>A class by its id; null where the table does not have it.</summary>
    public ClassTableRow? Find(int id) => RowOf(id) is >= 0 and var row ? Row(row) : null;

    /// <summary>
    /// The pairs of classes whose centred means have the nearest directions, nearest first. A pair that is in neither class's list of k nearest ones has k nearer pairs
    /// at either end: the first 2k pairs are complete, and no more are given.
    /// </summary>
    public IReadOnlyList<ClassPair> ClosestPairs(int most)
    {
        if (!columns.TryGetValue(ClassTableColumns.ByCosine + ClassTableColumns.NeighbourIds, out var column)) return [];
        var width = (int)column.Shape[1];
        var (ids, others, cosines) = (Longs(ClassTableColumns.Id), Whole<long>(column), Doubles(ClassTableColumns.ByCosine + ClassTableColumns.NeighbourValues));
        return [.. Enumerable.Range(0, others.Length).Where(i => others[i] >= 0)
            .Select(i => (Low: (int)Math.Min(ids[i / width], others[i]), High: (int)Math.Max(ids[i / width], others[i]), Cosine: cosines[i]))
            .DistinctBy(pair => (pair.Low, pair.High)).OrderByDescending(pair => pair.Cosine).Take(Math.Min(most, 2 * width))
            .Select(pair => new ClassPair(new NearClass(pair.Low, TextOf(RowOf(pair.Low)), pair.Cosine), new NearClass(pair.High, TextOf(RowOf(pair.High)), pair.Cosine), pair.Cosine))];
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private int[] Matching(string? search)
    {
        var rows = Enumerable.Range(0, Count);
        if (string.IsNullOrEmpty(search)) return [.. rows];
        var id = long.TryParse(search, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        var ids = Longs(ClassTableColumns.Id);
        if (!columns.ContainsKey(ClassTableColumns.Text)) return [.. rows.Where(row => ids[row] == id)];
        var (texts, ends) = (Bytes(ClassTableColumns.Text), Longs(ClassTableColumns.TextEnds));
        return [.. rows.Where(row =>
        {
            var start = row == 0 ? 0 : (int)ends[row - 1];
            return ids[row] == id || Encoding.UTF8.GetString(texts, start, (int)ends[row] - start).Contains(search, StringComparison.OrdinalIgnoreCase);
        })];
    }

    private int[] Order(int[] rows, string column, bool descending)
    {
        // Rows are in the order of ids.
        if (column == ClassTableColumns.Id) return descending ? [.. rows.Reverse()] : rows;
        var values = columns[column].DataType == "I64" ? Array.ConvertAll(Longs(column), value => (double)value) : Doubles(column);
        var keys = Array.ConvertAll(rows, row => (Missing: double.IsNaN(values[row]), Value: descending ? -values[row] : values[row], Row: row));
        Array.Sort(keys, (a, b) => a.Missing != b.Missing ? a.Missing.CompareTo(b.Missing)
            : a.Missing || a.Value == b.Value ? a.Row.CompareTo(b.Row) : a.Value.CompareTo(b.Value));
        return Array.ConvertAll(keys, key => key.Row);
    }

    private ClassTableRow Row(int row) => new(
        (int)Long(ClassTableColumns.Id, row), TextOf(row), Long(ClassTableColumns.Count, row), Double(ClassTableColumns.Norm, row)!.Value,
        Double(ClassTableColumns.Variance, row), Double(ClassTableColumns.SelfDuality, row), Long(ClassTableColumns.ValidationSamples, row),
        Double(ClassTableColumns.Agreement, row), Double(ClassTableColumns.Accuracy, row),
        Neighbours(ClassTableColumns.ByDistance, row), Neighbours(ClassTableColumns.ByCosine, row),
        columns.TryGetValue(ClassTableColumns.Coordinates, out var coordinates) ? Read<double>(coordinates, row * coordinates.Shape[1], (int)coordinates.Shape[1]) : []);

    private IReadOnlyList<NearClass> Neighbours(string name, int row)
    {
        if (!columns.TryGetValue(name + ClassTableColumns.NeighbourIds, out var ids)) return [];
        var width = (int)ids.Shape[1];
        var classes = Read<long>(ids, (long)row * width, width);
        var values = Read<double>(columns[name + ClassTableColumns.NeighbourValues], (long)row * width, width);
        var all = classes.Zip(values, (id, value) => (Id: (int)id, Value: value)).Where(neighbour => neighbour.Id >= 0).ToArray();
        return [.. all.Select(neighbour => new NearClass(neighbour.Id, TextOf(RowOf(neighbour.Id)), neighbour.Value))];
    }

    /// <summary>The row of an id, by bisection; −1 where there is none.</summary>
    private int RowOf(int id)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = Long(ClassTableColumns.Id, middle);
            if (found == id) return middle;
            if (found < id) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }

    private string? TextOf(int row)
    {
        if (row < 0 || !columns.TryGetValue(ClassTableColumns.Text, out var text)) return null;
        var start = row == 0 ? 0 : Long(ClassTableColumns.TextEnds, row - 1);
        return Encoding.UTF8.GetString(Read<byte>(text, start, (int)(Long(ClassTableColumns.TextEnds, row) - start)));
    }

    private long Long(string name, int row) => Read<long>(columns[name], row, 1)[0];

    private double? Double(string name, int row)
    {
        var value = Read<double>(columns[name], row, 1)[0];
        return double.IsNaN(value) ? null : value;
    }

    private long[] Longs(string name) => Whole<long>(name);

    private double[] Doubles(string name) => Whole<double>(name);

    private byte[] Bytes(string name) => Whole<byte>(name);

    private T[] Whole<T>(string name)
        where T : unmanaged => Whole<T>(columns[name]);

    private T[] Whole<T>(SafeTensorsEntry column)
        where T : unmanaged => Read<T>(column, 0, (int)column.Shape.Aggregate(1L, (product, size) => product * size));

    private T[] Read<T>(SafeTensorsEntry column, long first, int count)
        where T : unmanaged
    {
        var values = new T[count];
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        var position = dataOffset + column.Start + (first * bytes.Length / Math.Max(1, count));
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(file, bytes[done..], position + done);
            if (read == 0) throw new InputException("The per-class table ends before its columns do.");
            done += read;
        }
        return values;
    }
}

/// <summary>Which rows of a per-class table are wanted.</summary>
public sealed record ClassTableQuery
{
    /// <summary>A column of <see cref="ClassTableFile.SortableColumns"/>.</summary>
    public string Sort { get; init; } = ClassTableColumns.Id;

    /// <summary>The largest first.</summary>
    public bool Descending { get; init; }

    /// <summary>Only classes whose text holds this, whatever the case, or whose id it is; null for all.</summary>
    public string? Search { get; init; }

    /// <summary>Rows to leave out at the beginning.</summary>
    public int Skip { get; init; }

    /// <summary>Most rows to give.</summary>
    public int Take { get; init; } = 50;
}

/// <summary>A page of a per-class table.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Total">Rows on all pages.</param>
public sealed record ClassTablePage(IReadOnlyList<ClassTableRow> Rows, int Total);

/// <summary>One class.</summary>
/// <param name="Id">Token (class) id.</param>
/// <param name="Text">The token's text, with control characters and bytes that are no UTF-8 escaped; null where no tokenizer is known.</param>
/// <param name="Count">Training samples, n_c.</param>
/// <param name="Norm">‖m_c‖: how far its mean lies from the mean of all class means.</param>
/// <param name="Variance">Within-class variance s²_c; null where the unbiased form is undefined.</param>
/// <param name="SelfDuality">cos(w_c, m_c); null where undefined or without a classifier.</param>
/// <param name="ValidationSamples">Validation samples whose label it is.</param>
/// <param name="Agreement">The share of them where classifier and nearest centre agree; null where there are none.</param>
/// <param name="Accuracy">The share of them where the classifier is right; null where there are none.</param>
/// <param name="NearestByDistance">Classes with the nearest means, nearest first, with ‖μ_c − μ_c'‖.</param>
/// <param name="NearestByCosine">Classes with the nearest directions of centred means, nearest first, with u_c·u_c'.</param>
/// <param name="PrincipalCoordinates">m_c along the directions in which class means spread most.</param>
public sealed record ClassTableRow(
    int Id, string? Text, long Count, double Norm, double? Variance, double? SelfDuality, long ValidationSamples, double? Agreement, double? Accuracy,
    IReadOnlyList<NearClass> NearestByDistance, IReadOnlyList<NearClass> NearestByCosine, IReadOnlyList<double> PrincipalCoordinates);

/// <summary>A class near another.</summary>
/// <param name="Id">Token (class) id.</param>
/// <param name="Text">The token's text, or null.</param>
/// <param name="Value">The distance or the cosine.</param>
public sealed record NearClass(int Id, string? Text, double Value);

/// <summary>Two classes whose centred means have nearly one direction.</summary>
/// <param name="First">The one with the lower id.</param>
/// <param name="Second">The other.</param>
/// <param name="Cosine">u_c·u_c'.</param>
public sealed record ClassPair(NearClass First, NearClass Second, double Cosine);

/// <summary>A class as a point of a picture.</summary>
/// <param name="Id">Token (class) id.</param>
/// <param name="Text">The token's text, or null.</param>
/// <param name="Count">Training samples, n_c.</param>
/// <param name="Coordinates">m_c along the directions in which class means spread most.</param>
public sealed record ClassPoint(int Id, string? Text, long Count, IReadOnlyList<double> Coordinates);
