using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace NcService.Platform.Jobs;

/// <summary>Repeats a write that the database refused for a passing reason: a restart, a lost connection, another writer.</summary>
public static class StoreRetry
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const string IdleInTransaction = "25P03";
    // Longer than a database takes to be restored from a standby: what waits here is the end of hours of work.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>Does a write, again and again while the store does not answer, for a quarter of an hour at most.</summary>
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

    /// <summary>Whether an exception says that the store did not answer, and might a moment later.</summary>
    public static bool IsTransient(Exception? exception) => exception switch
    {
        null => false,
        SqliteException sqlite => sqlite.SqliteErrorCode is SqliteBusy or SqliteLocked,
        DbException { IsTransient: true } => true,
        // The server ended a transaction that did nothing for long: this process was suspended in the middle of it.
        PostgresException { SqlState: IdleInTransaction } => true,
        _ => IsTransient(exception.InnerException),
    };
}
