using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Text;
using NcService.Platform.Artifacts;
using NcService.Platform.Checkpoints;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs.Executors;

/// <summary>Takes the files of a checkpoint made elsewhere into the run's folder, and checks that they can be analysed.</summary>
public sealed class ImportCheckpointExecutor(
    IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts, NcServiceOptions options, TimeProvider time) : IJobExecutor
{
    private const int CopyBuffer = 1 << 20;

    /// <inheritdoc />
    public JobKind Kind => JobKind.ImportCheckpoint;

    /// <inheritdoc />
    public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(progress);
        var parameters = JobParameters.FromJson(job.Parameters);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var analysis = await context.Analyses.AsNoTracking().Include(analysis => analysis.Dataset).FirstOrDefaultAsync(analysis => analysis.RunId == parameters.RunId, cancellationToken)
            ?? throw new InputException($"There is no run {parameters.RunId} to import a checkpoint for.");
        var dataset = analysis.Dataset?.ArtifactPath ?? throw new InputException("The dataset that the checkpoint is to be measured on is not prepared.");

        var path = $"{JobFolder.Of(job)}/checkpoint";
        var target = artifacts.Resolve(path);
        if (!Directory.Exists(target)) await CopyAsync(Source(parameters), target, progress, cancellationToken);
        progress.Report(1, "checking");
        using (var opened = TokenDataset.Open(artifacts.Resolve(dataset))) CheckpointFiles.Check(target, opened);
        return async (store, token) =>
        {
            var run = await store.Runs.Include(run => run.Checkpoints).SingleAsync(run => run.Id == parameters.RunId, token);
            run.ArtifactPath = JobFolder.Of(job);
            run.Checkpoints.Add(new Checkpoint { ArtifactPath = path, CreatedAt = time.GetUtcNow().UtcDateTime });
        };
    }

    private string Source(JobParameters parameters) => parameters switch
    {
        { ArtifactPath: { } upload } => artifacts.Resolve(upload),
        { SourcePath: { } path } => ReadableFolders.Find(ReadableFolders.Read(options.CheckpointDirectories), path) ?? throw new InputException($"'{path}' is not under the folders that NcService:CheckpointDirectories lists."),
        _ => throw new InputException("The import names no files."),
    };

    private static async Task CopyAsync(string source, string target, IJobProgress progress, CancellationToken cancellationToken)
    {
        var aside = DurableFile.NameAside(target);
        Directory.CreateDirectory(aside);
        try
        {
            var files = CheckpointFiles.Find(source);
            var (done, total) = (0L, files.Sum(file => new FileInfo(file).Length));
            foreach (var file in files)
            {
                await using var input = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, CopyBuffer, useAsync: true);
                await using var output = new FileStream(Path.Combine(aside, Path.GetFileName(file)), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true);
                var buffer = new byte[CopyBuffer];
                for (int count; (count = await input.ReadAsync(buffer, cancellationToken)) > 0; done += count)
                {
                    await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                    progress.Report(total == 0 ? 0 : (double)done / total, $"copying {Path.GetFileName(file)}");
                }
            }
            DurableFile.Publish(aside, target);
        }
        catch
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
            throw;
        }
    }
}
