using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Tests.Training;
using NcService.Core.Training;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class CollapseProbeTests(SmallDataset dataset) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("ncservice-probe-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    private static TrainingOptions Training => new() { BatchSize = 4, LearningRate = 1e-2, MaximumSteps = 9, LogInterval = 1, CheckpointInterval = 4 };

    private GptNeo Model() =>
        new(GptNeoConfiguration.Create(16, 2, dataset.Tokens.Manifest.VocabularySize, dataset.Tokens.Manifest.ContextLength), CPU, seed: 3);

    private TrainingResult Train(string folder, ProbeOptions? options, Action<long>? afterStep = null)
    {
        var directory = Path.Combine(root, folder);
        Directory.CreateDirectory(directory);
        using var model = Model();
        var probe = options is null ? null : new CollapseProbe(dataset.Tokens, options, Path.Combine(directory, CollapseProbe.FileName));
        return new Trainer(model, dataset.Tokens, Training, directory)
        {
            AfterStep = (step, token) =>
            {
                probe?.Observe(model, step, token);
                afterStep?.Invoke(step);
            },
        }.Run(null, default);
    }

    private IReadOnlyList<ProbePoint> Points(string folder) => CollapseProbe.Read(Path.Combine(root, folder, CollapseProbe.FileName));

    [Fact]
    public void A_training_is_measured_every_so_many_steps_and_is_not_changed_by_it()
    {
        var probed = Train("probed", new ProbeOptions { Interval = 3, TrainChunks = 20, ValidationChunks = 2, Layers = true });
        var plain = Train("plain", null);
        Assert.Equal(plain.ValidationLoss, probed.ValidationLoss);
        var points = Points("probed");
        Assert.Equal([0, 3, 6, 9], points.Select(point => point.Step));
        Assert.All(points, point => Assert.Equal(20 * (dataset.Tokens.Manifest.ContextLength - 1), point.Samples));
        Assert.All(points, point => Assert.Equal(2, point.Layers!.Count));
        Assert.True(points[^1].Measurements["val_loss"] < points[0].Measurements["val_loss"]);

        // The last line is what an analysis of the finished model on the same chunks gives.
        using var model = ModelCheckpoint.Load(Path.Combine(root, "probed", "checkpoint"), CPU);
        var analysed = CheckpointAnalysis.Analyse(
            model, dataset.Tokens, new AnalysisOptions { MaximumTrainChunks = 20, MaximumValidationChunks = 2, Layers = true }, Path.Combine(root, "analysis"), null, default);
        foreach (var measurement in analysed.Measurements.Where(entry => entry.Value is not null))
            Assert.Equal(measurement.Value!.Value, points[^1].Measurements[measurement.Name]!.Value, 1e-5 * (1e-3 + Math.Abs(measurement.Value.Value)));
        Assert.Equal(analysed.Layers[0].Measurements.Single(entry => entry.Name == "cdnv").Value!.Value, points[^1].Layers![0]["cdnv"]!.Value, 1e-5);
    }

    [Fact]
    public void A_training_that_was_cut_off_goes_on_with_one_line_a_step()
    {
        var options = new ProbeOptions { Interval = 1, TrainChunks = 5, ValidationChunks = 1 };
        Assert.Throws<AbandonedException>(() => Train("cut", options, step =>
        {
            if (step == 6) throw new AbandonedException();
        }));
        var path = Path.Combine(root, "cut", CollapseProbe.FileName);
        File.AppendAllText(path, """{"step":7,"samp""");
        Train("cut", options);
        Train("whole", options);
        Assert.Equal(Enumerable.Range(0, 10).Select(step => (long)step), Points("cut").Select(point => point.Step));
        Assert.Equal(10, File.ReadAllLines(path).Length);
        foreach (var (one, other) in Points("whole").Zip(Points("cut"))) Assert.Equal(one.Measurements["norms_mean"]!.Value, other.Measurements["norms_mean"]!.Value, 1e-9);
    }

    [Fact]
    public void Options_without_meaning_are_refused() =>
        Assert.Contains("at least 1 step", Assert.Throws<InputException>(() => new CollapseProbe(dataset.Tokens, new ProbeOptions { Interval = 0 }, "x")).Message);

    private sealed class AbandonedException : Exception;
}
