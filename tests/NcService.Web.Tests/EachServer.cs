namespace NcService.Web.Tests;

/// <summary>A server over either database, for tests that share them; each is started when it is first asked for.</summary>
public sealed class EachServer : IAsyncLifetime
{
    private readonly PostgreSqlServer database = new();
    private readonly Dictionary<StoreKind, ApiServer> servers = [];

    public async Task<ApiServer> OfAsync(StoreKind kind)
    {
        if (!servers.TryGetValue(kind, out var server))
            servers[kind] = server = kind == StoreKind.Sqlite ? new ApiServer() : new PostgreSqlApiServer(await database.CreateDatabaseAsync());
        return server;
    }

    public Task InitializeAsync() => database.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var server in servers.Values) await server.DisposeAsync();
        await database.DisposeAsync();
    }
}

/// <summary>Tests that share the two servers.</summary>
[CollectionDefinition(Name)]
public sealed class EachServerTests : ICollectionFixture<EachServer>
{
    public const string Name = "either store";
}
