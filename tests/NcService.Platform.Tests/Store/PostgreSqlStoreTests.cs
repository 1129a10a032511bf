using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Store;

[Collection(PostgreSqlTests.Name)]
public sealed class PostgreSqlStoreTests(PostgreSqlServer server)
{
    [PostgreSqlFact]
    public async Task The_migrated_schema_has_every_column_type_and_nullability_of_the_model()
    {
        await using var platform = await CreateAsync();
        await using var context = platform.OpenStore();
        foreach (var table in context.Model.GetRelationalModel().Tables)
        {
            var actual = await context.Database
                .SqlQuery<string>($"""SELECT column_name || ' ' || data_type || ' ' || is_nullable AS "Value" FROM information_schema.columns WHERE table_name = {table.Name}""")
                .ToListAsync();
            Assert.Equal(table.Columns.Select(column => $"{column.Name} {column.StoreType} {(column.IsNullable ? "YES" : "NO")}").Order(), actual.Order());
        }
    }

    [PostgreSqlFact]
    public async Task The_migrated_schema_has_every_index_and_foreign_key_of_the_model()
    {
        await using var platform = await CreateAsync();
        await using var context = platform.OpenStore();
        foreach (var table in context.Model.GetRelationalModel().Tables)
        {
            var indexes = await context.Database
                .SqlQuery<string>($"""SELECT indexname || ' ' || (indexdef LIKE 'CREATE UNIQUE%') AS "Value" FROM pg_indexes WHERE tablename = {table.Name} AND indexname LIKE 'IX%'""").ToListAsync();
            Assert.Equal(table.Indexes.Select(index => $"{index.Name} {(index.IsUnique ? "true" : "false")}").Order(), indexes.Order());
            var keys = await context.Database
                .SqlQuery<string>($"""SELECT conname || ' ' || confdeltype::text AS "Value" FROM pg_constraint WHERE contype = 'f' AND conrelid = ('"' || {table.Name} || '"')::regclass""").ToListAsync();
            Assert.Equal(table.ForeignKeyConstraints.Select(Describe).Order(), keys.Order());
        }

        static string Describe(IForeignKeyConstraint key) => $"{key.Name} {(key.OnDeleteAction == Microsoft.EntityFrameworkCore.Migrations.ReferentialAction.Cascade ? 'c' : 'a')}";
    }

    [PostgreSqlFact]
    public async Task Every_property_of_every_entity_comes_back_as_it_was_written()
    {
        await using var platform = await CreateAsync();
        await StoreRoundTripTests.WriteAndReadAsync(platform);
    }

    [PostgreSqlFact]
    public async Task Processes_that_migrate_at_the_same_time_all_succeed()
    {
        var connection = await server.CreateDatabaseAsync();
        await using var platform = TestPlatform.CreateUnmigrated(options => options.ConnectionString = connection);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => platform.Get<StoreMigrator>().MigrateAsync(default))));
        await using var context = platform.OpenStore();
        var applied = await context.Database.SqlQuery<int>($"""SELECT "Version" AS "Value" FROM "SchemaVersions" ORDER BY "Version" """).ToListAsync();
        Assert.Equal(Enumerable.Range(1, applied.Count), applied);
    }

    private async Task<TestPlatform> CreateAsync()
    {
        var connection = await server.CreateDatabaseAsync();
        return await TestPlatform.CreateAsync(options => options.ConnectionString = connection);
    }
}
