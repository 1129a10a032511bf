using Npgsql;

namespace NcService.Platform.Tests;

/// <summary>Keeps every table of a database from everybody else, as a forgotten session would, until it is disposed: questions are neither answered nor refused.</summary>
internal sealed class PostgreSqlLock : IAsyncDisposable
{
    private readonly string database;
    private readonly NpgsqlConnection holder;

    private PostgreSqlLock(string database) => (this.database, holder) = (database, new NpgsqlConnection(database + ";Pooling=false"));

    /// <summary>Takes the tables; waits until nobody uses them.</summary>
    public static async Task<PostgreSqlLock> TakeAsync(string database)
    {
        var taken = new PostgreSqlLock(database);
        await taken.holder.OpenAsync();
        await using var command = taken.holder.CreateCommand();
        command.CommandText = "BEGIN; SELECT string_agg(format('%I', tablename), ', ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT ILIKE 'qrtz%'";
        var tables = (string)(await command.ExecuteScalarAsync())!;
        command.CommandText = $"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE";
        await command.ExecuteNonQueryAsync();
        return taken;
    }

    /// <summary>When the youngest question was asked that waits for the tables; null where none waits.</summary>
    public async Task<DateTime?> LatestWaitingAsync()
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT max(query_start) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%SELECT%'";
        return await command.ExecuteScalarAsync() as DateTime?;
    }

    /// <summary>Lets the tables go.</summary>
    public ValueTask DisposeAsync() => holder.DisposeAsync();
}
