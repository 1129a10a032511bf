using NcService.Core;
using NcService.Core.Collapse;
using NcService.Core.Statistics;
using NcService.Platform.Studies;

namespace NcService.Platform.Results;

/// <summary>One row of an imported table: what it says of a model.</summary>
internal sealed record ImportedRow(
    string Name, int Depth, int Width, int Epochs, double? WeightDecay, int? Seed, long ParameterCount, IReadOnlyList<Measurement> Measurements);

/// <summary>Reads a result table: a CSV with a column <c>model</c>, a column <c>val_loss</c>, and columns of measurements.</summary>
internal static class ImportedTable
{
    private const int FirstDataLine = 2;
    private const int MaximumNameLength = 200;
    private static readonly string[] Ratios = ["norms", "lognorms", "interference", "logdist", "logdist_uncentred", "selfdual"];

    /// <summary>The rows of a table, by the names of the measurement catalog.</summary>
    /// <exception cref="InputException">The table cannot be read; the message names column and line.</exception>
    public static IReadOnlyList<ImportedRow> Read(TextReader csv, string source)
    {
        var table = DataTable.ReadCsv(csv, source);
        foreach (var required in new[] { "model", "val_loss" })
        {
            if (!table.Columns.Contains(required))
                throw new InputException($"{source}, line 1: there is no column '{required}'. A result table has the columns model and val_loss, and measurements by their names.");
        }
        if (table.RowCount == 0) throw new InputException($"{source} has a header but no rows.");
        if (table.RowCount > StudyLimits.MaximumImportedRows)
            throw new InputException($"{source} has {table.RowCount} rows; at most {StudyLimits.MaximumImportedRows} are imported ({nameof(StudyLimits.MaximumImportedRows)}).");

        var names = table.Text("model");
        CheckNames(names, source);
        var numbers = table.Columns.Where(column => column != "model").ToDictionary(column => column, column => Numbers(table, column, names, source));
        var derivations = ImportColumns.For([.. table.Columns]);
        return [.. names.Select((name, row) => ToRow(name, row, numbers, derivations, source))];
    }

    private static void CheckNames(IReadOnlyList<string> names, string source)
    {
        var seen = new HashSet<string>();
        for (var row = 0; row < names.Count; row++)
        {
            if (names[row].Length is 0 or > MaximumNameLength)
                throw new InputException($"{source}, line {row + FirstDataLine}, column 'model': a name has 1 to {MaximumNameLength} characters.");
            if (!seen.Add(names[row]))
                throw new InputException($"{source}, line {row + FirstDataLine}, column 'model': '{names[row]}' occurs twice.");
        }
    }

    private static double[] Numbers(DataTable table, string column, IReadOnlyList<string> names, string source)
    {
        try
        {
            return table.Numbers(column);
        }
        catch (InputException)
        {
            var wrong = table.Text(column).Select((cell, row) => (cell, row)).First(pair => !IsNumber(pair.cell));
            throw new InputException($"{source}, line {wrong.row + FirstDataLine}, column '{column}' (model {names[wrong.row]}): '{wrong.cell}' is not a number.");
        }
    }

    private static bool IsNumber(string cell) =>
        string.IsNullOrWhiteSpace(cell) || double.TryParse(cell, System.Globalization.CultureInfo.InvariantCulture, out _);

    private static ImportedRow ToRow(
        string name, int row, Dictionary<string, double[]> numbers, IReadOnlyDictionary<string, ImportColumns.Derivation> derivations, string source)
    {
        var values = new Dictionary<string, double>();
        foreach (var (column, cells) in numbers.Where(pair => !ImportColumns.Descriptive.Contains(pair.Key)))
        {
            var derivation = derivations.GetValueOrDefault(column)
                ?? new ImportColumns.Derivation(MeasurementCatalog.TryFind(column) is null && !column.StartsWith(ImportColumns.Prefix, StringComparison.Ordinal) ? ImportColumns.Prefix + column : column);
            values[derivation.Name] = derivation.Apply(cells[row]);
        }
        if (!double.IsFinite(values["val_loss"]))
            throw new InputException($"{source}, line {row + FirstDataLine}, column 'val_loss': model {name} has no loss.");
        AddDerived(values);

        var parsed = RunName.TryParse(name);
        return new ImportedRow(
            name,
            parsed?.Depth ?? (int)Described("depth"),
            parsed?.Width ?? (int)Described("width"),
            parsed?.Epochs ?? (int)Described("epochs"),
            parsed?.WeightDecay ?? Optional("weight_decay"),
            parsed?.Seed ?? (int?)Optional("seed"),
            (long)(Optional("n_params") ?? Optional("parameters") ?? 0),
            [.. values.Select(pair => Measurement.Of(pair.Key, pair.Value))]);

        double? Optional(string column) => numbers.TryGetValue(column, out var cells) && double.IsFinite(cells[row]) ? cells[row] : null;
        double Described(string column) => Optional(column) ?? 0;
    }

    private static void AddDerived(Dictionary<string, double> values)
    {
        foreach (var family in Ratios)
        {
            if (values.TryGetValue(family + "_mean", out var mean) && values.TryGetValue(family + "_std", out var std))
                values.TryAdd(family + "_cov", std / mean);
        }
        if (values.TryGetValue(ImportColumns.Prefix + "hits", out var hits) && values.TryGetValue(ImportColumns.Prefix + "misses", out var misses))
            values.TryAdd("ncc_agreement_seen", hits / (hits + misses));
    }
}
