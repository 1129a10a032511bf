using System.Diagnostics;

namespace NcService.Torch.Tests;

public class BridgeBuildTests
{
    [NativeSourcesFact]
    public async Task Missing_libtorch_is_an_error_that_says_what_to_install()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [
            "msbuild", Path.Combine(SharedData.RepositoryRoot, "src", "NcService.Torch", "NcService.Torch.csproj"), "-nologo", "-t:BuildBridge",
            $"-p:TorchDirectory={folder.Path}/no-libtorch", $"-p:BridgeBuildDirectory={folder.Path}/build/", "-nodeReuse:false",
        ])
        { RedirectStandardOutput = true, UseShellExecute = false };
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("apt-get install libtorch-dev libopenblas0-openmp cmake g++", output, StringComparison.Ordinal);
        Assert.Contains("TorchDirectory", output, StringComparison.Ordinal);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("ncservice-bridge-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
