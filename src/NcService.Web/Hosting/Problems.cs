using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;

namespace NcService.Web.Hosting;

/// <summary>Errors as problem+json (RFC 9457), whatever the reason.</summary>
internal static class Problems
{
    /// <summary>404: there is no such thing.</summary>
    public static ProblemHttpResult NotFound(string what, object id) =>
        TypedResults.Problem($"There is no {what} {id}.", statusCode: StatusCodes.Status404NotFound);

    /// <summary>409: it exists, but not in a state that allows this.</summary>
    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    /// <summary>Adds the problem writer and the mapping from exceptions.</summary>
    public static void AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<ExceptionProblems>();
        // Faults of a request become exceptions that say what was wrong, in every environment.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    /// <summary>Turns exceptions into problems, and gives bodies to bare error statuses of the API (404, 405, 415 of the router).</summary>
    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseWhen(context => IsForPrograms(context.Request.Path), branch => branch.UseStatusCodePages(
            pages => WriteAsync(pages.HttpContext, pages.HttpContext.Response.StatusCode, DetailOf(pages.HttpContext))));
    }

    /// <summary>Writes a problem as the response.</summary>
    public static Task WriteAsync(HttpContext context, int status, string? detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);

    /// <summary>Writes a 400 that names each faulty field.</summary>
    public static Task WriteAsync(HttpContext context, IDictionary<string, string[]> errors) =>
        TypedResults.ValidationProblem(errors, detail: string.Join(" ", errors.SelectMany(field => field.Value.Select(message => $"{field.Key}: {message}"))))
            .ExecuteAsync(context);

    /// <summary>Metadata of the address that was asked for, also after an exception, when the request has lost its endpoint.</summary>
    public static T? MetadataOf<T>(HttpContext context)
        where T : class => (context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint())?.Metadata.GetMetadata<T>();

    /// <summary>Detail of a 415.</summary>
    public static string UnsupportedMediaType(HttpContext context) => MetadataOf<IAcceptsMetadata>(context) is { } accepts
        ? $"This address takes {string.Join(" or ", accepts.ContentTypes)}, not '{context.Request.ContentType}'."
        : $"This address does not take a body of type '{context.Request.ContentType}'; /swagger says what it takes.";

    private static string? DetailOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}; /swagger lists what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not possible here; possible: {context.Response.Headers.Allow}.",
        StatusCodes.Status413PayloadTooLarge => RequestLimits.TooLarge(context),
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType(context),
        StatusCodes.Status401Unauthorized => "Send a token: Authorization: Bearer TOKEN. On the server's machine the file api-token in its data folder holds one.",
        StatusCodes.Status403Forbidden => "The token's scope does not allow this.",
        StatusCodes.Status429TooManyRequests => "Too many wrong tokens from this address; try again in a minute.",
        _ => null,
    };

    private static bool IsForPrograms(PathString path) =>
        path.StartsWithSegments("/api") || path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics") || path.StartsWithSegments("/openapi");
}
