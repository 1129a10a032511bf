using System.Diagnostics;
using System.Runtime.InteropServices;
using NcService.Core;

namespace NcService.Platform.Jobs;

/// <summary>Finds the program that executes jobs: NcService.Worker, which the build puts beside every program that starts children.</summary>
public static class WorkerLocator
{
    private const string Name = "NcService.Worker";

    /// <summary>A start of the program, without arguments.</summary>
    /// <param name="configuredPath">Its .dll or executable; null looks beside the running assembly.</param>
    /// <exception cref="InputException">It is not there.</exception>
    public static ProcessStartInfo CreateStartInfo(string? configuredPath)
    {
        var path = configuredPath is null
            ? Path.Combine(AppContext.BaseDirectory, Name + ".dll")
            : Path.GetFullPath(configuredPath);
        if (!File.Exists(path)) throw new InputException($"{Name} is not at {path}: set {NcServiceOptions.SectionName}:{nameof(NcServiceOptions.WorkerPath)}.");
        if (!path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)) return new ProcessStartInfo(path);
        var start = new ProcessStartInfo(DotnetHost());
        start.ArgumentList.Add(path);
        return start;
    }

    /// <summary>The host of the runtime that this process runs on: <c>dotnet/shared/Microsoft.NETCore.App/VERSION/</c> lies three folders below it.</summary>
    private static string DotnetHost()
    {
        var executable = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", executable));
        return File.Exists(host) ? host : executable;
    }
}
