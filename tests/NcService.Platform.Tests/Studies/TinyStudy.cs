using System.Globalization;
using System.Text;
using NcService.Core.Text;
using NcService.Platform.Studies;

namespace NcService.Platform.Tests.Studies;

/// <summary>A study of models that train and are analysed in seconds.</summary>
internal static class TinyStudy
{
    /// <summary>A definition without grids over a text file that this writes.</summary>
    public static StudyDefinition On(TestPlatform platform)
    {
        var path = Path.Combine(platform.Options.DataDirectory, "corpus.txt");
        var random = new Random(11);
        string[] words = ["the", "house", "river", "stone", "light", "walks", "sings", "under", "old", "green", "bird", "and"];
        var text = new StringBuilder();
        for (var i = 0; i < 400; i++)
        {
            for (var j = 0; j < 30; j++) text.Append(words[(int)(words.Length * Math.Pow(random.NextDouble(), 2))]).Append(' ');
            text.Append(CultureInfo.InvariantCulture, $"ends {i % 10}.\n\n");
        }
        File.WriteAllText(path, text.ToString());
        return new StudyDefinition
        {
            Name = "tiny",
            Corpus = new CorpusSpecification { Kind = CorpusKind.TextFile, Path = path },
            Tokenizer = new TokenizerSpecification { Kind = TokenizerKind.Trained, VocabularySize = 300 },
            ContextLength = 32,
            Grids = [],
            BatchSize = 4,
            LearningRate = 1e-2,
            MaximumSteps = 40,
            AnalysisChunks = 64,
            Permutations = 1_000,
        };
    }
}
