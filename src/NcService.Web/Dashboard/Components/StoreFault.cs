using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace NcService.Web.Dashboard.Components;

/// <summary>Which exceptions mean that the store, and not a request to it, is at fault.</summary>
internal static class StoreFault
{
    /// <summary>The store is away, refuses or does not answer.</summary>
    public static bool Is(Exception exception) =>
        exception is DbException or DbUpdateException or TimeoutException or IOException || (exception is InvalidOperationException { InnerException: { } inner } && Is(inner));

    /// <summary>Nobody answered in time.</summary>
    public static bool IsTimeout(Exception exception) => exception is TimeoutException || (exception.InnerException is { } inner && IsTimeout(inner));
}
