using NcService.Core;
using NcService.Platform.Artifacts;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs.Executors;

/// <summary>Reads an uploaded result table into a study.</summary>
public sealed class ImportResultsExecutor(ArtifactStore artifacts, ResultImport import) : IJobExecutor
{
    /// <inheritdoc />
    public JobKind Kind => JobKind.ImportResults;

    /// <inheritdoc />
    public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(progress);
        var parameters = JobParameters.FromJson(job.Parameters);
        if (parameters.ArtifactPath is not { } path) throw new InputException("The import names no file.");
        progress.Report(0, $"reading {parameters.FileName}");
        var text = await File.ReadAllTextAsync(artifacts.Resolve(path), cancellationToken);
        using var reader = new StringReader(text);
        var study = import.Read(reader, parameters.FileName ?? path, parameters.StudyName);
        return (store, token) => ResultImport.AddAsync(store, study, token);
    }
}
