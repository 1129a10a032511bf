using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Collapse;
using Spectre.Console;
using static TorchSharp.torch;

namespace NcService.Cli.Verbs;

/// <summary>ncctl measure: every measurement on embeddings that a JSON file holds.</summary>
internal static class MeasureVerb
{
    public static Command Create()
    {
        var input = new Option<FileInfo>("--input", "-i")
        {
            Description = "JSON with K, d, features [N][d], labels [N], and optionally classifier [K][d], validation_features, validation_labels, ood_features",
            HelpName = "CASE.json",
            Required = true,
        };
        var precision = EnumOption.Of("--precision", "Format of the embeddings; sums are float64 either way", FeaturePrecision.Float64);
        var unbiased = new Option<bool>("--unbiased") { Description = "Variances with 1/(n−1); classes with one sample are then left out of cdnv" };
        var minimumSamples = new Option<int>("--min-samples")
        {
            Description = "Classes with fewer training samples are left out",
            HelpName = "m",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command("measure", "Measure neural collapse on given embeddings, labels and classifier") { input, precision, unbiased, minimumSamples };
        return command.Runs((verb, ct) =>
        {
            var options = new MeasurementOptions { MinimumSamples = verb.Get(minimumSamples), Unbiased = verb.Get(unbiased) };
            options.Validate();
            var measurements = Measure(CaseFile.Read(verb.Require(input).FullName), verb.Get(precision), options, ct);
            verb.Print(Json(measurements), () => MeasurementTable.Of(measurements));
            return ExitCode.Done;
        });
    }

    private static IReadOnlyList<Measurement> Measure(CaseFile data, FeaturePrecision precision, MeasurementOptions options, CancellationToken ct)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var type = precision == FeaturePrecision.Float32 ? ScalarType.Float32 : ScalarType.Float64;
        Tensor Matrix(double[,] values) => tensor(values).to(type);
        var (features, labels) = (Matrix(data.Features), tensor(data.Labels));
        var classifier = data.Classifier is { } rows ? Matrix(rows) : null;

        using var accumulator = new ClassStatisticsAccumulator(data.ClassCount, data.EmbeddingDimension, covarianceClasses: KeptClasses(data, options));
        accumulator.Add(features, labels);
        using var statistics = accumulator.Finish();

        var validation = data.ValidationSamples is { } samples ? (Features: Matrix(samples.Features), Labels: tensor(samples.Labels)) : default;
        DecisionCounts? Decide(Tensor? embeddings, Tensor truth)
        {
            if (classifier is null || embeddings is null) return null;
            using var decisions = new DecisionAccumulator(statistics, classifier, new DecisionOptions { MinimumSamples = options.MinimumSamples, Loss = true });
            decisions.Add(embeddings, truth);
            return decisions.Finish();
        }
        var validationDecisions = Decide(validation.Features, validation.Labels);
        // Where the case has no corpus of its own for NC5, the validation samples stand in, as in the golden cases.
        var otherFeatures = data.OutOfDistributionFeatures is { } other ? Matrix(other) : validation.Features;
        var otherMean = otherFeatures?.to(ScalarType.Float64).mean([0L]);
        var geometry = CollapseMeasurements.Measure(statistics, classifier, validationDecisions, otherMean, options, ct);
        return [.. WithGeneralisation(geometry, validationDecisions, Decide(features, labels))];
    }

    /// <summary>The geometry and, in the catalog's order, losses and accuracies on validation and training samples.</summary>
    private static IEnumerable<Measurement> WithGeneralisation(IReadOnlyList<Measurement> geometry, DecisionCounts? validation, DecisionCounts? training)
    {
        Measurement Of(string name, DecisionCounts? decisions, Func<DecisionCounts, double> value) => decisions is { Samples: > 0 }
            ? Measurement.Of(name, value(decisions))
            : Measurement.Undefined(name, "the case lacks a classifier or the samples");
        return
        [
            .. geometry,
            Of("val_loss", validation, counts => counts.LossSum!.Value / counts.Samples),
            Of("perplexity", validation, counts => Math.Exp(counts.LossSum!.Value / counts.Samples)),
            Of("val_accuracy", validation, counts => (double)counts.LinearCorrect / counts.Samples),
            Of("train_loss", training, counts => counts.LossSum!.Value / counts.Samples),
            Of("train_accuracy", training, counts => (double)counts.LinearCorrect / counts.Samples),
        ];
    }

    private static bool[] KeptClasses(CaseFile data, MeasurementOptions options)
    {
        var counts = new long[data.ClassCount];
        foreach (var label in data.Labels) counts[label]++;
        return Array.ConvertAll(counts, count => count >= options.MinimumSamples);
    }

    private static JsonObject Json(IReadOnlyList<Measurement> measurements) => new()
    {
        ["metrics"] = new JsonObject(measurements.Select(measurement => KeyValuePair.Create(measurement.Name, Numbers.Json(measurement.Value)))),
    };
}
