using System.CommandLine;
using NcService.Core;
using NcService.Core.Collapse;

namespace NcService.Cli.Verbs;

/// <summary>ncctl measure: every measurement, without a model, on embeddings from anywhere or on the saved class statistics of an analysis.</summary>
internal static class MeasureVerb
{
    public static Command Create()
    {
        var input = new Option<FileInfo?>("--input", "-i")
        {
            Description = "JSON with K, d, N, features [N][d], labels [N], and optionally classifier [K][d], validation_features, validation_labels, ood_features",
            HelpName = "CASE.json",
        };
        var features = ArrayOption("--features", "Embeddings [N, d]: NumPy .npy, or safetensors with a tensor 'features'");
        var labels = ArrayOption("--labels", "Their class ids [N]; the file of --features unless given");
        var classifier = ArrayOption("--classifier", "W [K, d], without bias; also beside --statistics");
        var validationFeatures = ArrayOption("--validation-features", "Validation embeddings [M, d], for NC4 and losses");
        var validationLabels = ArrayOption("--validation-labels", "Their class ids [M]; the file of --validation-features unless given");
        var other = ArrayOption("--ood-features", "Embeddings of another corpus, for ood_orthogonality; the validation embeddings unless given");
        var classCount = new Option<int?>("--class-count") { Description = "K, where there is no classifier and the largest label is not K − 1", HelpName = "K" };
        var classes = new Option<FileInfo?>("--classes") { Description = "Write the per-class table: count, norm, variance, self-duality, agreement, nearest classes", HelpName = "FILE.csv" };
        var nearest = new Option<int>("--nearest") { Description = "Nearest classes that the table lists", DefaultValueFactory = _ => new AnalysisOptions().NearestClasses };
        var statistics = ArrayOption("--statistics", "Class statistics that an analysis saved: measured again without the model");
        var output = new Option<FileInfo?>("--output", "-o") { Description = "Keep the class statistics (safetensors)", HelpName = "FILE" };
        var precision = EnumOption.Of("--precision", "Format of the embeddings, that of their file unless given; sums are float64 either way", FeaturePrecision.Float64);
        var conventions = new MeasurementOptionSet();
        var command = new Command("measure", "Measure neural collapse on given embeddings, labels and classifier, or on saved class statistics")
        {
            input, features, labels, classifier, validationFeatures, validationLabels, other, classCount, statistics, output, classes, nearest, precision,
        };
        conventions.AddTo(command);
        return command.Runs((verb, ct) =>
        {
            var options = conventions.Read(verb);
            RequireOneSource(verb, input, features, statistics);
            using var inputs = Collect();
            if (verb.Get(output) is { } file) inputs.Save(file.FullName);
            var (measurements, details, table) = CollapseMeasurements.MeasureInDetail(inputs, options, verb.Get(classes) is null ? 0 : verb.Get(nearest), tokenText: null, ct);
            if (verb.Get(classes) is { } csv) ClassTableCsv.Write(table, csv.FullName);
            verb.Print(MeasurementTable.Json(measurements, inputs, details), () => MeasurementTable.Of(measurements));
            return ExitCode.Done;

            CollapseInputs Collect()
            {
                if (verb.Get(statistics) is { } saved) return Saved(saved.FullName, verb.Get(classifier)?.FullName);
                using var set = verb.Get(input) is { } file
                    ? EmbeddingSet.Of(CollapseCase.Read(file.FullName), verb.Get(precision))
                    : EmbeddingSet.Open(Files(), verb.IsGiven(precision) ? verb.Get(precision) : null, ct);
                return set.Collect(options.MinimumSamples, ct);
            }

            EmbeddingFiles Files() => new()
            {
                Features = verb.Get(features)!.FullName,
                Labels = (verb.Get(labels) ?? verb.Get(features))!.FullName,
                Classifier = verb.Get(classifier)?.FullName,
                ValidationFeatures = verb.Get(validationFeatures)?.FullName,
                ValidationLabels = (verb.Get(validationLabels) ?? verb.Get(validationFeatures))?.FullName,
                OutOfDistributionFeatures = verb.Get(other)?.FullName,
                ClassCount = verb.Get(classCount),
            };
        });
    }

    private static Option<FileInfo?> ArrayOption(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    private static void RequireOneSource(VerbInvocation verb, params Option<FileInfo?>[] sources)
    {
        if (sources.Count(source => verb.Get(source) is not null) != 1)
            throw new InputException($"one of {string.Join(", ", sources.Select(source => source.Name))} must be given, and one only");
    }

    private static CollapseInputs Saved(string path, string? classifier)
    {
        var inputs = CollapseInputs.Load(path);
        return classifier is null ? inputs : inputs.WithClassifier(classifier);
    }
}
