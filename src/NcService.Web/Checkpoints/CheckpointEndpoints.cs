using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform;
using NcService.Platform.Artifacts;
using NcService.Platform.Checkpoints;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Checkpoints;

/// <summary>Checkpoints: saved models, of our trainings and from elsewhere.</summary>
internal static class CheckpointEndpoints
{
    /// <summary>Maps /checkpoints.</summary>
    public static void MapCheckpoints(this IEndpointRouteBuilder api)
    {
        var checkpoints = api.MapGroup("/checkpoints").WithTags("Checkpoints");
        checkpoints.MapGet("/", ListAsync).WithName("listCheckpoints").WithSummary("Lists saved models, the newest first.");
        checkpoints.MapGet("/{id}", GetAsync).WithName("getCheckpoint").WithSummary("A saved model and its files.").ProducesProblem(StatusCodes.Status404NotFound);
        checkpoints.MapGet("/{id}/files/{name}", GetFileAsync).WithName("getCheckpointFile").WithSummary("One file of a saved model, in Hugging Face's layout.")
            .Produces<Stream>(contentType: "application/octet-stream").ProducesProblem(StatusCodes.Status404NotFound);
        checkpoints.MapPost("/", ImportAsync).WithName("importCheckpoint")
            .WithSummary("Takes in a GPT-Neo checkpoint (safetensors, config.json, tokenizer files) from a folder under NcService:CheckpointDirectories, and analyses it like our own.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        checkpoints.MapPost("/upload", UploadAsync).WithName("uploadCheckpoint")
            .WithSummary("Takes in a GPT-Neo checkpoint whose files are the parts of the body (filename: config.json, model.safetensors, ..., or one .zip of them), and analyses it like our own.")
            .Accepts<IFormFileCollection>("multipart/form-data")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static async Task<Results<Accepted<CheckpointImportDetails>, ProblemHttpResult>> ImportAsync(
        CheckpointFolderRequest request, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, NcServiceContext context, CheckpointImport import,
        NcServiceOptions options, CancellationToken cancellationToken)
    {
        IdempotencyKey.Check(key, http.Request);
        var wanted = request.ToRequest();
        if (await ExistingAsync(wanted, key, context, import, cancellationToken) is { } answer) return answer;
        var roots = ReadableFolders.Read(options.CheckpointDirectories);
        if (roots.Count == 0) throw new FieldException("path", "Requests may name folders only under those that NcService:CheckpointDirectories lists; it lists none. Upload the files instead.");
        if (ReadableFolders.Find(roots, request.Path) is not { } folder || !Directory.Exists(folder))
            throw new FieldException("path", "There is no such folder under those that NcService:CheckpointDirectories lists.");
        return Accepted(await import.RequestAsync(wanted, folder, new JobParameters { SourcePath = folder }, http.User.Identity?.Name, key, cancellationToken));
    }

    private static async Task<Results<Accepted<CheckpointImportDetails>, ProblemHttpResult>> UploadAsync(
        [FromQuery] string study, [FromQuery] string name, [FromQuery] string dataset, [FromQuery] string[]? tag, [FromQuery] int? analysisChunks,
        [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, NcServiceContext context, CheckpointImport import, CheckpointUpload upload,
        ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        IdempotencyKey.Check(key, http.Request);
        var wanted = new CheckpointRequest { Study = study, Name = name, Dataset = dataset, Tags = tag ?? [], AnalysisChunks = analysisChunks };
        // What can be refused without the files is refused before they are sent.
        if (await ExistingAsync(wanted, key, context, import, cancellationToken) is { } answer) return answer;
        string received;
        try
        {
            received = await upload.ReceiveAsync(http.Request, cancellationToken);
        }
        catch (CheckpointUpload.TooLargeException fault)
        {
            return TypedResults.Problem(fault.Message, statusCode: StatusCodes.Status413PayloadTooLarge);
        }
        try
        {
            return Accepted(await import.RequestAsync(wanted, artifacts.Resolve(received), new JobParameters { ArtifactPath = received }, http.User.Identity?.Name, key, cancellationToken));
        }
        catch
        {
            upload.Discard(received);
            throw;
        }
    }

    /// <summary>The answer to a request that was made before, or that names what does not exist or is taken; null where it can go on.</summary>
    private static async Task<Results<Accepted<CheckpointImportDetails>, ProblemHttpResult>?> ExistingAsync(
        CheckpointRequest wanted, string? key, NcServiceContext context, CheckpointImport import, CancellationToken cancellationToken)
    {
        CheckpointImport.Check(wanted);
        try
        {
            if (await import.FindAsync(wanted, key, cancellationToken) is { } existing) return Accepted(existing);
        }
        catch (InputException fault)
        {
            return Problems.Conflict(fault.Message);
        }
        if (!await context.Datasets.AnyAsync(dataset => dataset.Name == wanted.Dataset, cancellationToken)) throw new FieldException("dataset", $"There is no dataset named '{wanted.Dataset}'.");
        if (await context.Studies.AnyAsync(study => study.Name == wanted.Study && study.ImportedFrom != CheckpointImport.Source, cancellationToken))
            return Problems.Conflict($"Study '{wanted.Study}' holds other runs than checkpoints made elsewhere; choose another name.");
        if (await context.Runs.AnyAsync(run => run.Study!.Name == wanted.Study && run.Name == wanted.Name, cancellationToken))
            return Problems.Conflict($"Study '{wanted.Study}' has a run named '{wanted.Name}' already.");
        return null;
    }

    private static Accepted<CheckpointImportDetails> Accepted(Run run) => TypedResults.Accepted($"/api/v1/runs/{run.Id}", CheckpointImportDetails.From(run));

    private static Task<Page<CheckpointDetails>> ListAsync(
        [AsParameters] PageRequest page, [FromQuery] long? runId, [FromQuery] long? studyId, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var wanted = context.Checkpoints.AsNoTracking()
            .Where(checkpoint => (runId == null || checkpoint.RunId == runId) && (studyId == null || checkpoint.Run!.StudyId == studyId)).OrderByDescending(checkpoint => checkpoint.Id);
        return page.ReadAsync(wanted, checkpoint => Details(checkpoint, artifacts), cancellationToken);
    }

    private static async Task<Results<Ok<CheckpointDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken) =>
        await context.Checkpoints.AsNoTracking().SingleOrDefaultAsync(checkpoint => checkpoint.Id == id, cancellationToken) is { } checkpoint
            ? TypedResults.Ok(Details(checkpoint, artifacts))
            : Problems.NotFound("checkpoint", id);

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetFileAsync(
        long id, string name, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var checkpoint = await context.Checkpoints.AsNoTracking().SingleOrDefaultAsync(checkpoint => checkpoint.Id == id, cancellationToken);
        if (checkpoint is null) return Problems.NotFound("checkpoint", id);
        var files = Files(checkpoint, artifacts);
        return files.FirstOrDefault(path => Path.GetFileName(path) == name) is { } file
            ? TypedResults.PhysicalFile(file, "application/octet-stream", name, entityTag: EntityTags.OfFile(file), enableRangeProcessing: true)
            : Problems.NotFound("file of that name in checkpoint", id);
    }

    private static CheckpointDetails Details(Checkpoint checkpoint, ArtifactStore artifacts) =>
        new(checkpoint.Id, checkpoint.RunId, checkpoint.Step, [.. Files(checkpoint, artifacts).Select(path => Path.GetFileName(path)!)], checkpoint.CreatedAt);

    private static IReadOnlyList<string> Files(Checkpoint checkpoint, ArtifactStore artifacts)
    {
        var folder = artifacts.Resolve(checkpoint.ArtifactPath);
        return Directory.Exists(folder) ? CheckpointFiles.Find(folder) : [];
    }
}
