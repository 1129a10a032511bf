using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace NcService.Web.Dashboard;

/// <summary>Puts a hash of the content into the address of a static file, so that browsers may keep it for ever and still see a new one.</summary>
public sealed class AssetVersions(IWebHostEnvironment environment)
{
    private readonly ConcurrentDictionary<string, string> addresses = new(StringComparer.Ordinal);

    /// <summary>The versioned address of a file under the web root.</summary>
    public string Of(string path) => addresses.GetOrAdd(path, Version);

    private string Version(string path)
    {
        var file = environment.WebRootFileProvider.GetFileInfo(path);
        if (!file.Exists) return path;
        using var stream = file.CreateReadStream();
        return $"{path}?v={Convert.ToHexStringLower(SHA256.HashData(stream))[..12]}";
    }
}
