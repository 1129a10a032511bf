using System.Globalization;

namespace NcService.Core.Collapse;

/// <summary>A per-class table as CSV, row after row.</summary>
public static class ClassTableCsv
{
    /// <summary>Writes a header and a line for each class; undefined values are empty, nearest classes are id:value pairs between spaces.</summary>
    public static void Write(ClassTable table, TextWriter writer)
    {
        var axes = Enumerable.Range(1, table.Principal.Shares.Count).Select(axis => $"pc{axis}");
        string[] names = ["id", "text", "count", "norm", "variance", "self_duality", "validation_samples", "agreement", "accuracy", "nearest_by_distance", "nearest_by_cosine", .. axes];
        writer.Write(string.Join(',', names) + "\r\n");
        for (var row = 0; row < table.Ids.Length; row++)
        {
            string[] cells =
            [
                Whole(table.Ids[row]), table.Texts.Count == 0 ? "" : CsvCell.Text(table.Texts[row]), Whole(table.Counts[row]), CsvCell.Number(table.Norms[row]),
                CsvCell.Number(table.Variances[row]), CsvCell.Number(table.SelfDuality[row]), Whole(table.ValidationSamples[row]), CsvCell.Number(table.Agreement[row]),
                CsvCell.Number(table.Accuracy[row]), Neighbours(table.NearestByDistance[row]), Neighbours(table.NearestByCosine[row]),
                .. table.Principal.Coordinates[row].Select(value => CsvCell.Number(value)),
            ];
            writer.Write(string.Join(',', cells) + "\r\n");
        }
    }

    /// <summary>Writes a file.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(ClassTable table, string path)
    {
        try
        {
            using var writer = new StreamWriter(path);
            Write(table, writer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be written: {exception.Message}", exception);
        }
    }

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Neighbours(Neighbour[] neighbours) =>
        string.Join(' ', neighbours.Select(neighbour => string.Create(CultureInfo.InvariantCulture, $"{neighbour.Class}:{neighbour.Value:G9}")));
}
