using NcService.Core.Statistics;
using NcService.Core.Text;

namespace NcService.Web.Dashboard.Components;

/// <summary>What the dashboard calls the choices of a study.</summary>
internal static class Words
{
    /// <summary>A kind of corpus.</summary>
    public static string Corpus(CorpusKind kind) => kind switch
    {
        CorpusKind.StateOfTheUnion => "State of the Union addresses",
        CorpusKind.TextFile => "A text file",
        CorpusKind.Folder => "A folder of text files",
        CorpusKind.JsonLines => "JSON lines",
        _ => "TinyStories",
    };

    /// <summary>The direction of a test.</summary>
    public static string Direction(Alternative alternative) => alternative switch
    {
        Alternative.TwoSided => "two-sided",
        Alternative.Greater => "rises with the outcome",
        _ => "falls as the outcome rises",
    };

    /// <summary>A kind of tokenizer.</summary>
    public static string Tokenizer(TokenizerKind kind) => kind == TokenizerKind.Trained ? "Trained on the text" : "GPT-2’s";
}
