using NcService.Core;
using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Text;

namespace NcService.Platform.Studies;

/// <summary>Checks requests before anything is stored.</summary>
public static class StudyValidation
{
    /// <summary>What is wrong with a name, or null.</summary>
    public static string? CheckName(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "A name is needed."
        : name.Length > StudyLimits.MaximumNameLength ? $"The name has {name.Length} characters, at most {StudyLimits.MaximumNameLength} are possible ({nameof(StudyLimits.MaximumNameLength)})."
        : name.Any(char.IsControl) ? "The name holds a control character."
        : name != name.Trim() ? "The name begins or ends with white space."
        : null;

    /// <summary>Everything that is wrong with a study's definition, by field; none where it can be created. What the store holds is not looked at.</summary>
    public static IReadOnlyList<(string Field, string Message)> Check(StudyDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var faults = new List<(string Field, string Message)>();
        if (CheckName(definition.Name) is { } wrongName) faults.Add((nameof(definition.Name), wrongName));
        if (definition.Dataset is { } dataset && CheckName(dataset) is { } wrongDataset) faults.Add((nameof(definition.Dataset), wrongDataset));
        Within(faults, nameof(definition.Notes), definition.Notes?.Length ?? 0, 0, StudyLimits.MaximumNotesLength, nameof(StudyLimits.MaximumNotesLength));
        Within(faults, nameof(definition.ContextLength), definition.ContextLength, DatasetSpecification.MinimumContextLength, StudyLimits.MaximumContextLength, nameof(StudyLimits.MaximumContextLength));
        Within(faults, nameof(definition.BatchSize), definition.BatchSize, 1, StudyLimits.MaximumBatchSize, nameof(StudyLimits.MaximumBatchSize));
        Within(faults, nameof(definition.Permutations), definition.Permutations, 0, StudyLimits.MaximumPermutations, nameof(StudyLimits.MaximumPermutations));
        if (!(definition.LearningRate is > 0 and <= 1)) faults.Add((nameof(definition.LearningRate), $"{definition.LearningRate} is no learning rate: above 0, at most 1."));
        if (definition.MaximumSteps is < 1) faults.Add((nameof(definition.MaximumSteps), "At least 1 step, or none given for whole epochs."));
        if (definition.AnalysisChunks is < 1) faults.Add((nameof(definition.AnalysisChunks), "At least 1 chunk, or none given for all."));
        if (definition.ShardChunks is < 1) faults.Add((nameof(definition.ShardChunks), "At least 1 chunk, or none given for at most 32 shards."));
        if (!Enum.IsDefined(definition.LayerEmbedding)) faults.Add((nameof(definition.LayerEmbedding), $"{definition.LayerEmbedding} is none of {string.Join(", ", Enum.GetNames<LayerEmbedding>())}."));
        if (definition.EvaluationInterval < 0) faults.Add((nameof(definition.EvaluationInterval), "At least 0."));
        if (definition.ProbeInterval < 0) faults.Add((nameof(definition.ProbeInterval), "At least 0."));
        if (definition.Dataset is null) CheckTokenizer(definition.Tokenizer, faults);
        CheckGrids(definition, faults);
        return faults;
    }

    private static void CheckTokenizer(TokenizerSpecification tokenizer, List<(string Field, string Message)> faults)
    {
        try
        {
            tokenizer.Validate();
        }
        catch (InputException exception)
        {
            faults.Add((nameof(StudyDefinition.Tokenizer), exception.Message));
        }
        if (tokenizer.VocabularySize > StudyLimits.MaximumVocabularySize)
            faults.Add((nameof(StudyDefinition.Tokenizer), $"A vocabulary of {tokenizer.VocabularySize}: at most {StudyLimits.MaximumVocabularySize} tokens are possible ({nameof(StudyLimits.MaximumVocabularySize)})."));
    }

    private static void CheckGrids(StudyDefinition definition, List<(string Field, string Message)> faults)
    {
        if (definition.Grids.Count is 0 or > StudyLimits.MaximumGrids)
        {
            faults.Add((nameof(definition.Grids), $"A study has 1 to {StudyLimits.MaximumGrids} grids ({nameof(StudyLimits.MaximumGrids)}), this one {definition.Grids.Count}."));
            return;
        }
        for (var i = 0; i < definition.Grids.Count; i++)
        {
            var (grid, field) = (definition.Grids[i], $"{nameof(definition.Grids)}[{i}]");
            Axis(grid.Widths, nameof(grid.Widths), 1, StudyLimits.MaximumWidth, nameof(StudyLimits.MaximumWidth));
            Axis(grid.Depths, nameof(grid.Depths), 1, StudyLimits.MaximumDepth, nameof(StudyLimits.MaximumDepth));
            Axis(grid.Epochs, nameof(grid.Epochs), 1, StudyLimits.MaximumEpochs, nameof(StudyLimits.MaximumEpochs));
            Axis(grid.Seeds, nameof(grid.Seeds), 0, int.MaxValue, "no negative seeds");
            if (grid.WeightDecays.Count == 0 || grid.WeightDecays.Any(decay => !(decay is >= 0 and <= 1)))
                faults.Add(($"{field}.{nameof(grid.WeightDecays)}", "At least one weight decay, each from 0 to 1."));
            foreach (var width in grid.Widths.Where(width => width > 0)) CheckHeads(width, field);

            void Axis(IReadOnlyList<int> values, string name, int least, int most, string limit)
            {
                if (values.Count == 0) faults.Add(($"{field}.{name}", "At least one value is needed."));
                foreach (var value in values) Within(faults, $"{field}.{name}", value, least, most, limit);
            }
        }
        if (faults.Exists(fault => fault.Field.StartsWith(nameof(definition.Grids), StringComparison.Ordinal))) return;
        // The product first: a list of a billion runs would not fit anywhere.
        var product = definition.Grids.Sum(grid => (double)grid.Widths.Count * grid.Depths.Count * grid.Epochs.Count * grid.WeightDecays.Count * grid.Seeds.Count);
        if (product > StudyLimits.MaximumRuns)
            faults.Add((nameof(definition.Grids), $"The grids make {product:N0} runs, at most {StudyLimits.MaximumRuns:N0} are possible ({nameof(StudyLimits.MaximumRuns)})."));

        void CheckHeads(int width, string field)
        {
            if ((definition.Heads ?? GptNeoConfiguration.DefaultHeads(width)) is var heads && (heads < 1 || width % heads != 0))
                faults.Add(($"{field}.{nameof(StudyGrid.Widths)}", $"Width {width} is not divisible by {heads} attention heads."));
        }
    }

    private static void Within(List<(string Field, string Message)> faults, string field, long value, long least, long most, string limit)
    {
        if (value < least || value > most) faults.Add((field, $"{value} is out of range: {least} to {most} ({limit})."));
    }
}
