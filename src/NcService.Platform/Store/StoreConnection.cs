using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace NcService.Platform.Store;

/// <summary>Which database the store is in, and how a connection to it is set up.</summary>
public static class StoreConnection
{
    /// <summary>How long a writer waits for another process's write (milliseconds).</summary>
    private const int BusyTimeout = 15_000;

    /// <summary>Configures a context for the store that the options name.</summary>
    public static void Configure(DbContextOptionsBuilder builder, NcServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        if (options.UsesPostgreSql)
            builder.UseNpgsql(options.ConnectionString);
        else
            builder.UseSqlite(SqliteConnectionString(options, "ncservice.db")).AddInterceptors(SqlitePragmas.Instance);
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
