using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Web.Results;

/// <summary>
/// Answers about results, kept as long as the results are what they were: to resample ten thousand runs takes a second for each measurement, and pages and programs ask
/// the same again and again.
/// </summary>
internal sealed class ResultAnswers(IDbContextFactory<NcServiceContext> contexts, StudyResults results)
{
    private const int MostKept = 100;

    private readonly ConditionalWeakTable<ResultTable, ConcurrentDictionary<string, object>> kept = [];

    /// <summary>The answer about a study's results to a request, which its address says whole; null where there is no such study.</summary>
    public async Task<T?> OfAsync<T>(long studyId, HttpRequest request, Func<ResultTable, T> answer, CancellationToken cancellationToken)
        where T : class
    {
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (!await context.Studies.AnyAsync(study => study.Id == studyId, cancellationToken)) return null;
        }
        var table = await results.LoadAsync(studyId, cancellationToken);
        var answers = kept.GetOrCreateValue(table);
        var question = $"{request.Path}{request.QueryString}";
        if (answers.TryGetValue(question, out var known)) return (T)known;
        var made = answer(table);
        if (answers.Count < MostKept) answers[question] = made;
        return made;
    }
}
