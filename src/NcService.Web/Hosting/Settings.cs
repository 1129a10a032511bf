using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace NcService.Web.Hosting;

/// <summary>Where settings come from, besides the usual places.</summary>
internal static class Settings
{
    /// <summary>
    /// Reads appsettings.json beside the program, before and therefore below every other source: the framework looks for it in the working
    /// directory alone, which depends on who starts the program.
    /// </summary>
    public static void ReadSettingsBesideTheProgram(this WebApplicationBuilder builder) =>
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
            Path = "appsettings.json",
            Optional = true,
        });
}
