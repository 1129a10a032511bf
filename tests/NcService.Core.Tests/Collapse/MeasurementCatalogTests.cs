using NcService.Core.Collapse;

namespace NcService.Core.Tests.Collapse;

public sealed class MeasurementCatalogTests
{
    [Fact]
    public void Names_are_unique_and_every_entry_explains_itself()
    {
        Assert.Equal(MeasurementCatalog.All.Count, MeasurementCatalog.All.Select(entry => entry.Name).Distinct().Count());
        Assert.All(MeasurementCatalog.All, entry =>
        {
            Assert.NotEmpty(entry.Title);
            Assert.EndsWith(".", entry.Explanation);
            Assert.NotEmpty(entry.Formula);
            Assert.NotEmpty(entry.Source);
        });
    }

    [Fact]
    public void Find_names_the_nearest_measurement_when_the_name_is_unknown()
    {
        Assert.Equal("NC1", MeasurementCatalog.Find("cdnv").Property);
        var error = Assert.Throws<InputException>(() => MeasurementCatalog.Find("logdist_coz"));
        Assert.Contains("\"logdist_cov\"", error.Message);
    }

    [SharedFact]
    public void Every_name_of_the_definitions_is_in_the_catalog_in_their_order()
    {
        var text = File.ReadAllText(SharedData.Path("METRICS.md"));
        var section = text[text.IndexOf("## Measurements", StringComparison.Ordinal)..text.IndexOf("## Statistics", StringComparison.Ordinal)];
        var documented = new List<string>();
        foreach (var quoted in section.Split('`').Where((_, index) => index % 2 == 1))
        {
            if (!quoted.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_')) continue;
            var name = quoted;
            // "`x_mean`, `_std`" continues the name before it.
            if (name.StartsWith('_')) name = documented[^1][..documented[^1].LastIndexOf('_')] + name;
            if (MeasurementCatalog.TryFind(name) is not null && !documented.Contains(name)) documented.Add(name);
            else Assert.True(documented.Contains(name), $"{name} is documented but not in the catalog");
        }
        var expected = MeasurementCatalog.All.Select(entry => entry.Name).Where(name => !name.StartsWith("train_", StringComparison.Ordinal));
        Assert.Equal(expected, documented);
    }
}
