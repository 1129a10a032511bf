using System.Reflection;
using Xunit.Sdk;

namespace NcService.Platform.Tests;

/// <summary>Which database a test runs on.</summary>
public enum StoreKind
{
    Sqlite,
    PostgreSql,
}

/// <summary>Runs a theory once on SQLite and once on PostgreSQL; on SQLite alone where PostgreSQL's server is absent, which the tests of it say.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EachStoreAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        PostgreSqlServer.SkipReason is null ? [[StoreKind.Sqlite], [StoreKind.PostgreSql]] : [[StoreKind.Sqlite]];
}

internal static class EachStorePlatform
{
    /// <summary>A platform over a fresh store of the kind.</summary>
    public static async Task<TestPlatform> CreatePlatformAsync(this PostgreSqlServer server, StoreKind kind, Action<NcServiceOptions>? configure = null, TimeProvider? time = null)
    {
        var connection = kind == StoreKind.PostgreSql ? await server.CreateDatabaseAsync() : null;
        return await TestPlatform.CreateAsync(options =>
        {
            options.ConnectionString = connection;
            configure?.Invoke(options);
        }, time);
    }
}
