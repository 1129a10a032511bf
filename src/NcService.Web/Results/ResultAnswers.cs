using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using NcService.Platform.Results;

namespace NcService.Web.Results;

/// <summary>
/// Answers about results, kept as long as the results are what they were: to resample ten thousand runs takes a second for each measurement, and pages and programs ask
/// the same again and again.
/// </summary>
internal sealed class ResultAnswers
{
    private const int MostKept = 100;

    private readonly ConditionalWeakTable<ResultTable, ConcurrentDictionary<string, object>> kept = [];

    /// <summary>The answer to a request, which its address says whole.</summary>
    public T Of<T>(ResultTable table, HttpRequest request, Func<T> answer)
        where T : class
    {
        var answers = kept.GetOrCreateValue(table);
        var question = $"{request.Path}{request.QueryString}";
        if (answers.TryGetValue(question, out var known)) return (T)known;
        var made = answer();
        if (answers.Count < MostKept) answers[question] = made;
        return made;
    }
}
