using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace NcService.Platform.Jobs;

/// <summary>Repeats a write that the database refused for a passing reason: a restart, a lost connection, another writer.</summary>
internal static class StoreRetry
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    public static async Task<T> RunAsync<T>(Func<Task<T>> write, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var delay = TimeSpan.FromMilliseconds(200); ; delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay)
        {
            try
            {
                return await write();
            }
            catch (Exception exception) when (IsTransient(exception) && time.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    public static bool IsTransient(Exception? exception) => exception switch
    {
        null => false,
        SqliteException sqlite => sqlite.SqliteErrorCode is SqliteBusy or SqliteLocked,
        DbException { IsTransient: true } => true,
        _ => IsTransient(exception.InnerException),
    };
}
