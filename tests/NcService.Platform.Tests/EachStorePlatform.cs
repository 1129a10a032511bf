namespace NcService.Platform.Tests;

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
