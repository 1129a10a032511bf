using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;

namespace NcService.Platform.Studies;

/// <summary>Writes what people note beside studies and runs.</summary>
public sealed class Annotations(IDbContextFactory<NcServiceContext> contexts)
{
    /// <summary>Sets notes and tags of a study.</summary>
    /// <exception cref="InputException">There is no such study, or a limit is passed.</exception>
    public async Task AnnotateStudyAsync(long studyId, string? notes, IEnumerable<string> tags, CancellationToken cancellationToken)
    {
        var (text, list) = (Clean(notes), TagList.Write(tags));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var written = await context.Studies.Where(study => study.Id == studyId)
            .ExecuteUpdateAsync(set => set.SetProperty(study => study.Notes, text).SetProperty(study => study.Tags, list), cancellationToken);
        if (written == 0) throw new InputException($"There is no study {studyId}.");
    }

    /// <summary>Sets notes and tags of a run.</summary>
    /// <exception cref="InputException">There is no such run, or a limit is passed.</exception>
    public async Task AnnotateRunAsync(long runId, string? notes, IEnumerable<string> tags, CancellationToken cancellationToken)
    {
        var (text, list) = (Clean(notes), TagList.Write(tags));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var written = await context.Runs.Where(run => run.Id == runId)
            .ExecuteUpdateAsync(set => set.SetProperty(run => run.Notes, text).SetProperty(run => run.Tags, list), cancellationToken);
        if (written == 0) throw new InputException($"There is no run {runId}.");
    }

    /// <summary>Adds tags to runs, all of them or none.</summary>
    /// <exception cref="InputException">A limit is passed.</exception>
    public async Task TagRunsAsync(IReadOnlyCollection<long> runIds, IReadOnlyCollection<string> tags, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runIds);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var runs = await context.Runs.Where(run => runIds.Contains(run.Id)).ToListAsync(cancellationToken);
        foreach (var run in runs) run.Tags = TagList.Write([.. TagList.Read(run.Tags), .. tags]);
        await context.SaveChangesAsync(cancellationToken);
    }

    private static string? Clean(string? notes)
    {
        if (string.IsNullOrWhiteSpace(notes)) return null;
        if (notes.Length > StudyLimits.MaximumNotesLength)
            throw new InputException($"The notes have {notes.Length} characters, at most {StudyLimits.MaximumNotesLength} are possible ({nameof(StudyLimits.MaximumNotesLength)}).");
        return notes.Trim();
    }
}
