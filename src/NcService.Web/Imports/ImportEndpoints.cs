using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Results;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Hosting;
using NcService.Web.Jobs;
using NcService.Web.Studies;

namespace NcService.Web.Imports;

/// <summary>Result tables computed elsewhere.</summary>
internal static class ImportEndpoints
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Maps /imports.</summary>
    public static void MapImports(this IEndpointRouteBuilder api) =>
        api.MapPost("/imports", ImportAsync).WithTags("Imports").WithName("importResults")
            .WithSummary("Imports a result table (CSV, UTF-8, at most 16 MiB): each row becomes a run with its analysis, all of them one study. Needs the columns model and val_loss. With the header Prefer: respond-async, or with an Idempotency-Key, a job does it, which survives a restart of the server; the same request with the same key makes one.")
            .Accepts<string>("text/csv")
            .WithMetadata(new RequestSizeLimitAttribute(RequestLimits.ImportBytes))
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Results<Created<StudyDetails>, Accepted<JobDetails>, ProblemHttpResult>> ImportAsync(
        [FromQuery] string? studyName, [FromQuery] string? fileName, [FromHeader(Name = "Prefer")] string? prefer, [FromHeader(Name = IdempotencyKey.Header)] string? key,
        HttpRequest request, NcServiceContext context, ResultImport import, ImportJobs imports, CancellationToken cancellationToken)
    {
        IdempotencyKey.Check(key, request);
        fileName ??= "table.csv";
        var name = studyName ?? Path.GetFileNameWithoutExtension(fileName);
        if (StudyValidation.CheckName(name) is { } wrongName) throw new FieldException(studyName is null ? "fileName" : "studyName", wrongName);
        if (StudyValidation.CheckName(fileName) is { } wrongFile) throw new FieldException("fileName", wrongFile);
        // What a key was used for is known by the job that it made.
        var asynchronous = key is not null || prefer?.Contains("respond-async", StringComparison.OrdinalIgnoreCase) == true;
        var text = await ReadAsync(request, cancellationToken);
        if (asynchronous && await imports.FindAsync(text, fileName, name, key, cancellationToken) is { } queued) return Accepted(queued);
        if (await context.Studies.AnyAsync(study => study.Name == name, cancellationToken))
            return Problems.Conflict($"There is a study named '{name}' already; give the import another name (studyName).");
        using var csv = new StringReader(text);
        if (asynchronous) return Accepted(await imports.EnqueueAsync(csv, text, fileName, name, key, request.HttpContext.User.Identity?.Name, cancellationToken));
        var study = await import.ImportAsync(csv, fileName, name, cancellationToken);
        var progress = await StudyQueries.ProgressAsync(context, study.Id, cancellationToken);
        return TypedResults.Created($"/api/v1/studies/{study.Id}", new StudyDetails(StudySummary.From(study, progress), null));
    }

    private static Accepted<JobDetails> Accepted(Job job) => TypedResults.Accepted($"/api/v1/jobs/{job.Id}", JobDetails.From(job));

    private static async Task<string> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(request.Body, s_strictUtf8);
            var text = await reader.ReadToEndAsync(cancellationToken);
            return text.Contains('\0', StringComparison.Ordinal) ? throw new InputException("The table holds a NUL character; it is not text.") : text;
        }
        catch (DecoderFallbackException)
        {
            throw new InputException("The table is not UTF-8 text.");
        }
    }
}
