using System.Text.Json;
using NcService.Core.Collapse;

namespace NcService.Core.Tests.Collapse;

public sealed class CollapseCaseTests
{
    private const string Good = """
        {"K": 2, "d": 2, "N": 3, "features": [[1, 2], [3, 4.5], [5, 6]], "labels": [0, 1, 1],
         "validation_features": [[0, 1]], "validation_labels": [1], "classifier": [[1, 0], [0, 1]], "expected": "ignored"}
        """;

    private static CollapseCase Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CollapseCase.Read(document.RootElement);
    }

    [Fact]
    public void A_case_is_read_row_by_row()
    {
        var @case = Parse(Good);
        Assert.Equal([1, 2, 3, 4.5, 5, 6], @case.Features);
        Assert.Equal([0, 1, 1], @case.Labels);
        Assert.Equal([1, 0, 0, 1], @case.Classifier!);
        Assert.Null(@case.OutOfDistributionFeatures);
    }

    [Theory]
    [InlineData("\"N\": 3", "\"N\": 4", "N = 4 rows, not 3")]
    [InlineData("\"K\": 2,", "", "\"K\" is missing")]
    [InlineData("\"K\": 2", "\"K\": 0", "\"K\" must be a positive integer, not 0")]
    [InlineData("[3, 4.5]", "[3]", "\"features\"[1] must have d = 2 numbers, not 1")]
    [InlineData("4.5", "\"NaN\"", "\"features\"[1][1] must be a finite number")]
    [InlineData("4.5", "1e999", "\"features\"[1][1] must be a finite number")]
    [InlineData("[0, 1, 1]", "[0, 1.5, 1]", "\"labels\"[1] must be an integer")]
    [InlineData("\"validation_labels\": [1]", "\"validation_labels\": [1, 0]", "one entry for each of the 1 rows")]
    [InlineData("[[1, 0], [0, 1]]", "[[1, 0]]", "\"classifier\" must have K = 2 rows, not 1")]
    public void What_is_wrong_is_named_with_its_place(string part, string replacement, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Parse(Good.Replace(part, replacement))).Message);

    [Fact]
    public void A_label_out_of_range_is_refused_when_measured() =>
        Assert.Contains("label 7", Assert.Throws<InputException>(() => CollapseMeasurements.MeasureCase(Parse(Good.Replace("[0, 1, 1]", "[0, 1, 7]")))).Message);

    [Fact]
    public void A_file_that_is_absent_or_no_json_is_refused_by_its_name()
    {
        Assert.Contains("absent.json", Assert.Throws<InputException>(() => CollapseCase.Read("absent.json")).Message);
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "{\"K\": ");
            Assert.Contains("is not JSON", Assert.Throws<InputException>(() => CollapseCase.Read(path)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Losses_and_out_of_distribution_features_are_the_cases_own()
    {
        var measured = CollapseMeasurements.MeasureCase(Parse(Good)).ToDictionary(entry => entry.Name, entry => entry.Value);

        // Scores of the one validation sample are its own entries 0 and 1; its label is 1.
        Assert.Equal(Math.Log(1 + Math.Exp(-1)), measured["val_loss"]!.Value, 1e-12);
        Assert.Equal(Math.Exp(measured["val_loss"]!.Value), measured["perplexity"]!.Value, 1e-12);
        Assert.Equal(1, measured["val_accuracy"]);
        var withOther = CollapseMeasurements.MeasureCase(Parse(Good.Replace("\"expected\"", "\"ood_features\": [[1, 2], [1, 2]], \"expected\"")));
        var other = withOther.Single(entry => entry.Name == "ood_orthogonality").Value!.Value;

        // μ₀ = (1, 2) and μ₁ = (4, 5.25) against (1, 2), then against the validation sample (0, 1).
        Assert.Equal((1 + (14.5 / Math.Sqrt(16 + (5.25 * 5.25)) / Math.Sqrt(5))) / 2, other, 1e-12);
        Assert.Equal(((2 / Math.Sqrt(5)) + (5.25 / Math.Sqrt(16 + (5.25 * 5.25)))) / 2, measured["ood_orthogonality"]!.Value, 1e-12);
    }
}
