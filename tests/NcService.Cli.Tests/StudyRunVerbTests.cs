namespace NcService.Cli.Tests;

public sealed class StudyRunVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_study_is_trained_analysed_and_tested_and_a_second_call_goes_on_with_it()
    {
        var documents = Enumerable.Range(0, 60).Select(i => $"The cat number {i} sees the dog number {i + 1}, and the dog sees the cat.");
        var corpus = _folder.Write("corpus.txt", string.Join("\n\n", documents));
        var study = _folder.Write("study.json", $$"""
            {
              "name": "tiny",
              "corpus": { "kind": "textFile", "path": "{{corpus}}" },
              "tokenizer": { "kind": "trained", "vocabularySize": 280 },
              "contextLength": 16,
              "grids": [{ "widths": [16], "depths": [1], "seeds": [1, 2, 3] }],
              "heads": 2, "learningRate": 0.003, "maximumSteps": 4, "permutations": 100
            }
            """);
        string[] arguments = ["study", "run", "--input", study, "--data", _folder.File("data"), "--parallel", "0", "--device", "cpu", "--json"];

        var result = await Ncctl.RunAsync(arguments);

        Assert.True(result.ExitCode == 0, result.Error);
        // One preparation, three trainings, three analyses, one permutation test.
        Assert.Equal(8, result.Json.GetProperty("jobs").GetProperty("succeeded").GetInt32());
        Assert.Equal(3, result.Json.GetProperty("runs").GetInt32());
        var test = Assert.Single(result.Json.GetProperty("permutation_tests").EnumerateArray());
        Assert.Contains(test.GetProperty("rows").EnumerateArray(), row => row.GetProperty("measurement").GetString() == "cdnv" && row.GetProperty("permutations").GetInt64() == 6);

        var again = await Ncctl.RunAsync(arguments);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("there is a study 'tiny' already", again.Error, StringComparison.Ordinal);
        Assert.Equal(result.Output, again.Output);
    }

    [Theory]
    [InlineData("no preset 'dmo'; did you mean 'demo'?", "--preset", "dmo")]
    [InlineData("exactly one of --preset NAME and --input STUDY.json is needed")]
    [InlineData("--parallel -1 must be at least 0", "--preset", "demo", "--parallel", "-1")]
    public async Task What_cannot_be_run_is_refused(string message, params string[] arguments)
    {
        var result = await Ncctl.RunAsync(["study", "run", "--data", _folder.File("data"), .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_member_of_a_definition_is_refused()
    {
        var study = _folder.Write("study.json", """{"name": "x", "gridz": []}""");
        var result = await Ncctl.RunAsync("study", "run", "--input", study, "--data", _folder.File("data"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("gridz", result.Error, StringComparison.Ordinal);
    }
}
