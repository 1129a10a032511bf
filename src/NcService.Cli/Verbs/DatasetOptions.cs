using System.CommandLine;
using NcService.Core;
using NcService.Core.Text;

namespace NcService.Cli.Verbs;

/// <summary>The options that name a corpus, a tokenizer and how text is packed.</summary>
internal sealed class DatasetOptions
{
    private static readonly DatasetSpecification s_default = new();

    private readonly Option<CorpusKind> _corpus = EnumOption.Of("--corpus", "The text", CorpusKind.StateOfTheUnion);
    private readonly Option<string?> _path = new("--path") { Description = "The corpus's file or folder", HelpName = "PATH" };
    private readonly Option<string?> _validationPath = new("--validation-path")
    {
        Description = "A file or folder of validation documents; else they are drawn from the corpus",
        HelpName = "PATH",
    };

    private readonly Option<string> _textField = new("--text-field") { Description = "The field of json-lines that holds the text", DefaultValueFactory = _ => "text" };
    private readonly Option<long?> _maximumDocuments = new("--maximum-documents") { Description = "Read no more documents than this", HelpName = "N" };
    private readonly Option<TokenizerKind> _tokenizer = EnumOption.Of("--tokenizer", "The tokenizer", TokenizerKind.Gpt2);
    private readonly Option<int?> _vocabulary = new("--vocabulary") { Description = "Tokens of a trained tokenizer", HelpName = "K" };
    private readonly Option<int> _contextLength = new("--context-length")
    {
        Description = "T, the tokens of a chunk",
        HelpName = "T",
        DefaultValueFactory = _ => s_default.ContextLength,
    };

    private readonly Option<double> _validationFraction = new("--validation-fraction")
    {
        Description = "Share of the documents kept for validation",
        DefaultValueFactory = _ => s_default.ValidationFraction,
    };

    private readonly Option<int> _seed = new("--seed") { Description = "Seed of the split by document" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_corpus, _path, _validationPath, _textField, _maximumDocuments, _tokenizer, _vocabulary, _contextLength, _validationFraction, _seed])
            command.Add(option);
    }

    public DatasetSpecification Read(VerbInvocation verb)
    {
        var kind = verb.Get(_tokenizer);
        var vocabulary = verb.Get(_vocabulary) ?? (kind == TokenizerKind.Gpt2
            ? TokenizerSpecification.Gpt2VocabularySize
            : throw new InputException("--tokenizer trained needs --vocabulary, the number of its tokens"));
        return new DatasetSpecification
        {
            Corpus = new CorpusSpecification
            {
                Kind = verb.Get(_corpus),
                Path = FullPath(verb.Get(_path)),
                ValidationPath = FullPath(verb.Get(_validationPath)),
                TextField = verb.Require(_textField),
                MaximumDocuments = verb.Get(_maximumDocuments),
            },
            Tokenizer = new TokenizerSpecification { Kind = kind, VocabularySize = vocabulary },
            ContextLength = verb.Get(_contextLength),
            ValidationFraction = verb.Get(_validationFraction),
            Seed = verb.Get(_seed),
        };
    }

    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);
}
