using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Results;

/// <summary>Takes in results computed elsewhere: each row of a table becomes a run and its analysis, marked as imported.</summary>
public sealed class ResultImport(IDbContextFactory<NcServiceContext> contexts, TimeProvider time)
{
    /// <summary>Imports a table as a study of its own, all of it or nothing.</summary>
    /// <param name="csv">The table: columns <c>model</c>, <c>val_loss</c>, and measurements by catalog name; or one of the authors' two tables, whose columns are known.</param>
    /// <param name="fileName">The file's name, for people.</param>
    /// <param name="studyName">Name of the study; null takes the file's name.</param>
    /// <param name="cancellationToken">Stops the import.</param>
    /// <exception cref="InputException">The table cannot be read (the message names column and line), or a study of that name exists.</exception>
    public async Task<Study> ImportAsync(TextReader csv, string fileName, string? studyName, CancellationToken cancellationToken)
    {
        var study = Read(csv, fileName, studyName);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await AddAsync(context, study, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        return study;
    }

    /// <summary>The study that a table describes, not yet in any store.</summary>
    internal Study Read(TextReader csv, string fileName, string? studyName)
    {
        ArgumentNullException.ThrowIfNull(csv);
        var source = Path.GetFileName(fileName);
        var rows = ImportedTable.Read(csv, source);
        var now = time.GetUtcNow().UtcDateTime;
        var study = new Study { Name = studyName ?? Path.GetFileNameWithoutExtension(source), ImportedFrom = source, CreatedAt = now };
        if (StudyValidation.CheckName(study.Name) is { } wrong) throw new InputException(wrong);
        foreach (var row in rows) study.Runs.Add(ToRun(row, now));
        return study;
    }

    internal static async Task AddAsync(NcServiceContext context, Study study, CancellationToken cancellationToken)
    {
        if (await context.Studies.AnyAsync(other => other.Name == study.Name, cancellationToken))
            throw new InputException($"There is a study named '{study.Name}' already; give the import another name.");
        context.Studies.Add(study);
    }

    private static Run ToRun(ImportedRow row, DateTime now)
    {
        var run = new Run
        {
            Name = row.Name,
            Depth = row.Depth,
            Width = row.Width,
            Epochs = row.Epochs,
            WeightDecay = row.WeightDecay,
            Seed = row.Seed,
            ParameterCount = row.ParameterCount,
            Imported = true,
            ValidationLoss = Value("val_loss"),
            ValidationAccuracy = Value("val_accuracy"),
            TrainLoss = Value("train_loss"),
            CreatedAt = now,
        };
        var analysis = new Analysis { CreatedAt = now };
        analysis.Measurements.AddRange(row.Measurements.Select(measurement => new MeasurementRow
        {
            Name = measurement.Name,
            Value = measurement.Value,
            UndefinedReason = measurement.UndefinedReason,
        }));
        run.Analyses.Add(analysis);
        return run;

        double? Value(string name) => row.Measurements.FirstOrDefault(measurement => measurement.Name == name)?.Value;
    }
}
