using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace NcService.Platform.Store;

/// <summary>Which database the store is in, and how a connection to it is set up.</summary>
public static class StoreConnection
{
    /// <summary>How long a writer waits for another process's write (milliseconds).</summary>
    private const int BusyTimeout = 15_000;

    /// <summary>How many leases a transaction may do nothing: long enough to prepare the rows of a large import in the middle of one.</summary>
    private const double LongestIdleTransaction = 5;

    /// <summary>Configures a context for the store that the options name.</summary>
    public static void Configure(DbContextOptionsBuilder builder, NcServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        if (options.UsesPostgreSql)
            builder.UseNpgsql(PostgreSqlConnectionString(options, LongestIdleTransaction * options.LeaseSeconds));
        else
            builder.UseSqlite(SqliteConnectionString(options, "ncservice.db")).AddInterceptors(SqlitePragmas.Instance);
    }

    /// <summary>
    /// The options' connection string, with which the server ends transactions that do nothing for so many seconds: a process that was suspended, or cut off, in the
    /// middle of one keeps its locks from all others no longer. A string with session options of its own is left as it is.
    /// </summary>
    internal static string PostgreSqlConnectionString(NcServiceOptions options, double idleSeconds)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        if (string.IsNullOrEmpty(connection.Options))
            connection.Options = string.Create(CultureInfo.InvariantCulture, $"-c idle_in_transaction_session_timeout={Math.Ceiling(1000 * idleSeconds)}");
        return connection.ToString();
    }

    /// <summary>The connection string of a SQLite file under the data directory; makes the directory.</summary>
    internal static string SqliteConnectionString(NcServiceOptions options, string fileName)
    {
        Directory.CreateDirectory(options.DataDirectory);
        return new SqliteConnectionStringBuilder
        {
            DataSource = Path.GetFullPath(Path.Combine(options.DataDirectory, fileName)),
            ForeignKeys = true,
            DefaultTimeout = 30,
        }.ToString();
    }

    /// <summary>Journal mode lasts in the file; the busy time-out has to be set on each connection.</summary>
    private sealed class SqlitePragmas : DbConnectionInterceptor
    {
        public static readonly SqlitePragmas Instance = new();

        private static readonly string Pragmas = $"PRAGMA busy_timeout = {BusyTimeout}; PRAGMA foreign_keys = ON;";

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
