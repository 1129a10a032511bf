namespace NcService.Web.Tests;

/// <summary>The server on a database of PostgreSQL.</summary>
internal sealed class PostgreSqlApiServer(string connection) : ApiServer
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("NcService:ConnectionString", connection);
    }
}
