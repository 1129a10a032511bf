using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using NcService.Core;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Store;

public sealed class StoreMigratorTests
{
    [Fact]
    public async Task The_migrated_schema_has_every_table_column_and_nullability_of_the_model()
    {
        await using var platform = await TestPlatform.CreateAsync();
        await using var context = platform.OpenStore();
        foreach (var table in context.Model.GetRelationalModel().Tables)
        {
            var actual = await context.Database
                .SqlQuery<ColumnInfo>($"""SELECT name AS "Name", "notnull" AS "NotNull" FROM pragma_table_info({table.Name})""")
                .ToDictionaryAsync(column => column.Name, column => column.NotNull != 0);
            var expected = table.Columns.ToDictionary(column => column.Name, column => !column.IsNullable);
            Assert.Equal(expected.OrderBy(pair => pair.Key), actual.OrderBy(pair => pair.Key));
        }
    }

    [Fact]
    public async Task The_migrated_schema_has_every_index_and_foreign_key_of_the_model()
    {
        await using var platform = await TestPlatform.CreateAsync();
        await using var context = platform.OpenStore();
        foreach (var table in context.Model.GetRelationalModel().Tables)
        {
            var indexes = await context.Database
                .SqlQuery<string>($"""SELECT name || ' ' || "unique" AS "Value" FROM pragma_index_list({table.Name}) WHERE origin = 'c'""").ToListAsync();
            Assert.Equal(table.Indexes.Select(index => $"{index.Name} {(index.IsUnique ? 1 : 0)}").Order(), indexes.Order());
            var keys = await context.Database
                .SqlQuery<string>($"""SELECT "from" || ' ' || "table" || ' ' || on_delete AS "Value" FROM pragma_foreign_key_list({table.Name})""").ToListAsync();
            Assert.Equal(table.ForeignKeyConstraints.Select(Describe).Order(), keys.Order());
        }

        static string Describe(IForeignKeyConstraint key) =>
            $"{key.Columns[0].Name} {key.PrincipalTable.Name} {(key.OnDeleteAction == ReferentialAction.Cascade ? "CASCADE" : "NO ACTION")}";
    }

    [Fact]
    public async Task Migrating_again_changes_nothing()
    {
        await using var platform = await TestPlatform.CreateAsync();
        await using var context = platform.OpenStore();
        var applied = await context.Database.SqlQuery<string>($"""SELECT "Version" || ' ' || "AppliedAt" AS "Value" FROM "SchemaVersions" """).ToListAsync();
        await platform.Get<StoreMigrator>().MigrateAsync(CancellationToken.None);
        Assert.Equal(applied, await context.Database.SqlQuery<string>($"""SELECT "Version" || ' ' || "AppliedAt" AS "Value" FROM "SchemaVersions" """).ToListAsync());
    }

    [Fact]
    public async Task Processes_that_migrate_at_the_same_time_all_succeed()
    {
        await using var platform = TestPlatform.CreateUnmigrated();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => platform.Get<StoreMigrator>().MigrateAsync(CancellationToken.None))));
        await using var again = platform.OpenStore();
        Assert.Equal(0, await again.Jobs.CountAsync());
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused()
    {
        await using var platform = await TestPlatform.CreateAsync();
        await using (var context = platform.OpenStore())
            await context.Database.ExecuteSqlAsync($"""INSERT INTO "SchemaVersions" VALUES (999, '999_future', '')""");
        var exception = await Assert.ThrowsAsync<InputException>(() => platform.Get<StoreMigrator>().MigrateAsync(CancellationToken.None));
        Assert.Contains("999", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_store_uses_a_write_ahead_log_and_enforces_foreign_keys()
    {
        await using var platform = await TestPlatform.CreateAsync();
        await using var context = platform.OpenStore();
        Assert.Equal("wal", await Pragma<string>("journal_mode"));
        Assert.Equal(1, await Pragma<int>("foreign_keys"));
        Assert.Equal(15_000, await Pragma<int>("busy_timeout"));

        async Task<T> Pragma<T>(string name)
        {
            var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"PRAGMA {name}";
            await context.Database.OpenConnectionAsync();
            var value = (T)Convert.ChangeType(await command.ExecuteScalarAsync(), typeof(T), null)!;
            await context.Database.CloseConnectionAsync();
            return value;
        }
    }

    private sealed record ColumnInfo(string Name, int NotNull);
}
