using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace NcService.Web.Hosting;

/// <summary>Where settings come from, besides the usual places.</summary>
internal static class Settings
{
    /// <summary>The options of a host whose scripts and style sheets lie beside the program, as in a published one; a built one finds those of the sources by a manifest.</summary>
    /// <param name="arguments">The command line.</param>
    public static WebApplicationOptions Options(string[] arguments)
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        return new WebApplicationOptions { Args = arguments, WebRootPath = Directory.Exists(beside) ? beside : null };
    }

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
