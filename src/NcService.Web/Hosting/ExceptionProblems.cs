using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Deleting;
using Npgsql;

namespace NcService.Web.Hosting;

/// <summary>Maps exceptions to problems: the request's faults to 4xx with what was wrong, our own to a 500 that tells nothing of the inside.</summary>
internal sealed class ExceptionProblems(ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    private const int ConstraintInSqlite = 19;
    private const int ForeignKeyInSqlite = 787;

    /// <inheritdoc />
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var answer = exception switch
        {
            FieldException fields => Problems.WriteAsync(httpContext, fields.Errors),
            InUseException held => Problems.WriteAsync(httpContext, StatusCodes.Status409Conflict, held.Message),
            InputException input => Problems.WriteAsync(httpContext, StatusCodes.Status400BadRequest, input.Message),
            BadHttpRequestException { InnerException: JsonException json } => Problems.WriteAsync(httpContext, JsonFault.Describe(json)),
            BadHttpRequestException request => RequestFault.WriteAsync(httpContext, request),
            DbUpdateException { InnerException: SqliteException { SqliteExtendedErrorCode: ForeignKeyInSqlite } or PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation } } =>
                Problems.WriteAsync(httpContext, StatusCodes.Status409Conflict, "What this refers to was deleted at the same moment; ask again."),
            DbUpdateException { InnerException: SqliteException { SqliteErrorCode: ConstraintInSqlite } or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } } =>
                Problems.WriteAsync(httpContext, StatusCodes.Status409Conflict, "Something of that name or key was created at the same moment; ask again."),
            OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => Task.CompletedTask,
            _ => WriteServerErrorAsync(httpContext, exception),
        };
        await answer;
        return true;
    }

    private Task WriteServerErrorAsync(HttpContext context, Exception exception)
    {
        logger.LogError(exception, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
        return Problems.WriteAsync(context, StatusCodes.Status500InternalServerError, "The server failed at this request; its log says why, under this trace id.");
    }
}
