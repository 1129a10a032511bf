namespace NcService.Core.Collapse;

/// <summary>Every measurement NcService knows, in the order in which tables and menus show them.</summary>
public static partial class MeasurementCatalog
{
    private static readonly Dictionary<string, MeasurementDefinition> ByName = Entries().ToDictionary(entry => entry.Name, StringComparer.Ordinal);

    /// <summary>All definitions: the geometric ones by property, then generalisation.</summary>
    public static IReadOnlyList<MeasurementDefinition> All { get; } = [.. Entries()];

    /// <summary>The names that describe generalisation (losses and accuracies) and come from evaluating the model, not from its geometry.</summary>
    public static IReadOnlyList<string> GeneralisationNames { get; } =
        [.. Entries().Where(entry => entry.Property == "generalisation").Select(entry => entry.Name)];

    /// <summary>The definition of a measurement.</summary>
    /// <exception cref="InputException">No measurement has that name; the message names the nearest one.</exception>
    public static MeasurementDefinition Find(string name)
    {
        if (TryFind(name) is { } definition) return definition;
        var nearest = All.MinBy(entry => EditDistance(entry.Name, name))!.Name;
        throw new InputException($"There is no measurement \"{name}\"; the nearest name is \"{nearest}\".");
    }

    /// <summary>The definition of a measurement, or null where the name is unknown.</summary>
    public static MeasurementDefinition? TryFind(string name) => ByName.GetValueOrDefault(name);

    private static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
