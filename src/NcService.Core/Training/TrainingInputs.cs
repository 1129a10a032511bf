using NcService.Core.Models;
using NcService.Core.Text;
using TorchSharp;

namespace NcService.Core.Training;

/// <summary>Whether model, dataset and options fit each other.</summary>
internal static class TrainingInputs
{
    public static void Check(GptNeo model, TokenDataset dataset, TrainingOptions options)
    {
        var (architecture, data) = (model.Configuration, dataset.Manifest);
        if (data.VocabularySize > architecture.VocabSize)
            throw new InputException($"The dataset's vocabulary has {data.VocabularySize} tokens, the model's {architecture.VocabSize}.");
        if (data.ContextLength > architecture.MaxPositionEmbeddings)
            throw new InputException($"The dataset's chunks have {data.ContextLength} tokens; the model has {architecture.MaxPositionEmbeddings} positions.");
        if (dataset.Validation.ChunkCount < 1)
            throw new InputException("The dataset has no validation chunk: raise the validation fraction or shorten the context.");
        if (architecture.AttentionDropout != 0 || architecture.EmbedDropout != 0 || architecture.ResidDropout != 0)
            throw new InputException("The architecture asks for dropout, which this trainer does not do; set attention_dropout, embed_dropout and resid_dropout to 0.");
        if (torch.device(options.Device).type != model.Device.type)
            throw new InputException($"The options say device {options.Device}; the model lives on {model.Device}.");
    }
}
