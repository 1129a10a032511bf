using System.Text;
using NcService.Core.Text;

namespace NcService.Core.Tests.Training;

/// <summary>A little dataset with something to learn, prepared once for all tests of a class.</summary>
public sealed class SmallDataset : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ncservice-dataset-").FullName;

    public SmallDataset()
    {
        var corpus = Path.Combine(_folder, "corpus");
        Directory.CreateDirectory(corpus);
        string[] subjects = ["The cat", "A dog", "My friend", "The old king"], verbs = ["sees", "likes", "follows"], objects = ["the river", "a red ball", "the moon"];
        var random = new Random(1);
        for (var document = 0; document < 40; document++)
        {
            var text = new StringBuilder();
            for (var sentence = 0; sentence < 30; sentence++)
                text.Append(subjects[random.Next(4)]).Append(' ').Append(verbs[random.Next(3)]).Append(' ').Append(objects[random.Next(3)]).Append(". ");
            File.WriteAllText(Path.Combine(corpus, $"{document:00}.txt"), text.ToString());
        }
        var specification = new DatasetSpecification
        {
            Corpus = new CorpusSpecification { Kind = CorpusKind.Folder, Path = corpus },
            Tokenizer = new TokenizerSpecification { Kind = TokenizerKind.Trained, VocabularySize = 280 },
            ContextLength = 16,
            ValidationFraction = 0.1,
        };
        DatasetPreparation.PrepareAsync(specification, Path.Combine(_folder, "dataset"), null, default).GetAwaiter().GetResult();
        Tokens = TokenDataset.Open(Path.Combine(_folder, "dataset"));
    }

    public TokenDataset Tokens { get; }

    public void Dispose()
    {
        Tokens.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
