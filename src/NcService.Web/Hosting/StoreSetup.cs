using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Web.Hosting;

/// <summary>The store that the API reads.</summary>
internal static class StoreSetup
{
    /// <summary>Adds the store's context factory.</summary>
    public static void AddStore(this WebApplicationBuilder builder)
    {
        var folder = Path.GetFullPath(builder.Configuration["NcService:DataDirectory"] ?? "data");
        builder.Services.AddDbContextFactory<NcServiceContext>(options => options.UseSqlite($"Data Source={Path.Combine(folder, "ncservice.db")}"));
        Directory.CreateDirectory(folder);
    }

    /// <summary>Brings the store to the schema of this version.</summary>
    public static async Task PrepareStoreAsync(this WebApplication app)
    {
        await using var context = await app.Services.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContextAsync();
        await context.Database.EnsureCreatedAsync();
    }
}
