using Microsoft.EntityFrameworkCore.Storage;
using System.Globalization;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using NcService.Core;

namespace NcService.Platform.Store;

/// <summary>
/// Brings the store to the schema of this version: the numbered SQL files of its database, embedded in this assembly, each once and in
/// order. Any number of processes may start at the same time: one migrates, the others wait and find it done.
/// </summary>
public sealed class StoreMigrator(IDbContextFactory<NcServiceContext> contexts, TimeProvider time)
{
    /// <summary>Key of the lock that PostgreSQL's migrating session holds; any number that nobody else uses.</summary>
    private const long AdvisoryLock = 0x4E43_5345_5256;

    /// <summary>Migrates where needed; cheap where nothing is to be done.</summary>
    /// <exception cref="InputException">The store was made by a newer version of NcService.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var sqlite = context.Database.IsSqlite();
        // Outside a transaction, and lasting: readers and the one writer do not block each other.
        if (sqlite) await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);

        // The lock: SQLite's transaction begins IMMEDIATE, so a second process waits here; PostgreSQL takes an advisory lock.
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (!sqlite) await context.Database.ExecuteSqlRawAsync("SELECT pg_advisory_xact_lock({0})", [AdvisoryLock], cancellationToken);

        await context.Database.ExecuteSqlRawAsync(
            """CREATE TABLE IF NOT EXISTS "SchemaVersions" ("Version" INTEGER NOT NULL PRIMARY KEY, "Name" TEXT NOT NULL, "AppliedAt" TEXT NOT NULL)""",
            cancellationToken);
        var applied = await context.Database.SqlQueryRaw<int>("""SELECT "Version" AS "Value" FROM "SchemaVersions" ORDER BY "Version" """).ToListAsync(cancellationToken);
        var migrations = Migrations(sqlite ? "Sqlite" : "PostgreSql");
        if (applied.Count > 0 && applied[^1] > migrations[^1].Version)
            throw new InputException($"The store has schema version {applied[^1]}, this NcService knows {migrations[^1].Version}: run the newer NcService.");
        foreach (var migration in migrations.Where(migration => !applied.Contains(migration.Version)))
            await ApplyAsync(context, migration, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task ApplyAsync(NcServiceContext context, Migration migration, CancellationToken cancellationToken)
    {
        await using (var command = context.Database.GetDbConnection().CreateCommand())
        {
            command.Transaction = context.Database.CurrentTransaction!.GetDbTransaction();
            command.CommandText = migration.Sql;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        var now = time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        await context.Database.ExecuteSqlAsync(
            $"""INSERT INTO "SchemaVersions" ("Version", "Name", "AppliedAt") VALUES ({migration.Version}, {migration.Name}, {now})""",
            cancellationToken);
    }

    /// <summary>The embedded files <c>Store.Migrations.PROVIDER.NNN_name.sql</c>, in order of their numbers.</summary>
    private static List<Migration> Migrations(string provider)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"NcService.Platform.Store.Migrations.{provider}.";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(resource =>
            {
                var name = resource[prefix.Length..^".sql".Length];
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                return new Migration(int.Parse(name.AsSpan(0, name.IndexOf('_')), CultureInfo.InvariantCulture), name, reader.ReadToEnd());
            })
            .OrderBy(migration => migration.Version)];
    }

    private sealed record Migration(int Version, string Name, string Sql);
}
