using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using NcService.Core;
using NcService.Platform.Analyses;
using NcService.Web.Hosting;

namespace NcService.Web.Analyses;

/// <summary>Analyses without a model: embeddings that come with the request.</summary>
internal static class EmbeddingEndpoints
{
    /// <summary>Maps POST /analyses.</summary>
    public static void MapEmbeddings(this IEndpointRouteBuilder api) =>
        api.MapPost("/analyses", CreateAsync).WithTags("Analyses").WithName("measureEmbeddings")
            .WithSummary(
                "Measures embeddings made anywhere (multipart/form-data, at most 1 GiB): files features [N, d] and labels [N], and where there are any classifier [K, d], validation_features, "
                + "validation_labels, ood_features; each NumPy .npy, or safetensors with a tensor of that name. A job does it. The same request with the same Idempotency-Key makes one analysis: 201 the first time, 200 after.")
            .Accepts<IFormFileCollection>("multipart/form-data")
            .WithMetadata(new RequestSizeLimitAttribute(RequestLimits.EmbeddingBytes))
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Results<Created<AnalysisDetails>, Ok<AnalysisDetails>, ProblemHttpResult>> CreateAsync(
        [AsParameters] EmbeddingQuery query, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpRequest request, EmbeddingUpload upload, EmbeddingMeasurement measurement,
        CancellationToken cancellationToken)
    {
        IdempotencyKey.Check(key, request);
        var options = query.ToOptions();
        var folder = await upload.ReceiveAsync(request, cancellationToken);
        var origin = IdempotencyKey.OriginOf(request.HttpContext, key, new { Options = options, Files = key is null ? [] : await upload.DigestsAsync(folder, cancellationToken) });
        try
        {
            if (await measurement.FindAsync(origin, cancellationToken) is { } existing)
            {
                upload.Discard(folder);
                return TypedResults.Ok(AnalysisDetails.From(existing));
            }
        }
        catch (InputException fault)
        {
            upload.Discard(folder);
            return Problems.Conflict(fault.Message);
        }
        try
        {
            var analysis = await measurement.CreateAsync(folder, options, origin, cancellationToken);
            return TypedResults.Created($"/api/v1/analyses/{analysis.Id}", AnalysisDetails.From(analysis));
        }
        catch (InputException fault)
        {
            upload.Discard(folder);
            // The parts are told by their names, not by where the server keeps them.
            throw new InputException(fault.Message.Replace(upload.PathOf(folder) + Path.DirectorySeparatorChar, "", StringComparison.Ordinal), fault);
        }
    }
}

/// <summary>How uploaded embeddings are measured.</summary>
internal sealed class EmbeddingQuery
{
    /// <summary>K, where there is no classifier and the largest label is not K − 1.</summary>
    [FromQuery(Name = "classCount")]
    public int? ClassCount { get; init; }

    /// <summary>Classes with fewer training samples are left out; 1 unless given.</summary>
    [FromQuery(Name = "minimumSamples")]
    public int? MinimumSamples { get; init; }

    /// <summary>Variances with 1/(n − 1).</summary>
    [FromQuery(Name = "unbiased")]
    public bool? Unbiased { get; init; }

    /// <summary>s of the Riesz kernel; 1 unless given.</summary>
    [FromQuery(Name = "rieszExponent")]
    public double? RieszExponent { get; init; }

    /// <summary>The options that this stands for.</summary>
    /// <exception cref="FieldException">One is out of range.</exception>
    public EmbeddingMeasurementOptions ToOptions()
    {
        if (ClassCount is < 1 or > EmbeddingMeasurement.MaximumClasses) throw new FieldException("classCount", $"{ClassCount} is not between 1 and {EmbeddingMeasurement.MaximumClasses}.");
        if (MinimumSamples < 1) throw new FieldException("minimumSamples", $"{MinimumSamples} is below 1.");
        if (RieszExponent is { } exponent && !double.IsFinite(exponent)) throw new FieldException("rieszExponent", "It must be a finite number.");
        return new EmbeddingMeasurementOptions { ClassCount = ClassCount, MinimumSamples = MinimumSamples ?? 1, Unbiased = Unbiased ?? false, RieszExponent = RieszExponent ?? 1 };
    }
}
