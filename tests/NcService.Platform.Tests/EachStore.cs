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
