using System.CommandLine;
using NcService.Core;
using static TorchSharp.torch;

namespace NcService.Cli;

/// <summary>--device auto|cpu|cuda:N.</summary>
internal static class DeviceOption
{
    public static Option<string> Create() => new("--device")
    {
        Description = "Where to compute: cpu, cuda:N, or auto for a GPU where there is one",
        HelpName = "auto|cpu|cuda:N",
        DefaultValueFactory = _ => "auto",
    };

    /// <summary>The device's name, with auto resolved.</summary>
    /// <exception cref="InputException">There is no such device here.</exception>
    public static string Resolve(string name)
    {
        UseEveryCore();
        if (name == "cpu") return name;
        var devices = cuda.is_available() ? cuda.device_count() : 0;
        if (name == "auto") return devices > 0 ? "cuda:0" : "cpu";
        if (name == "cuda" && devices > 0) return "cuda:0";
        if (name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out var number) && number >= 0 && number < devices) return name;
        throw new InputException($"--device '{name}' is not one of auto, cpu{string.Concat(Enumerable.Range(0, devices).Select(i => $", cuda:{i}"))}");
    }

    /// <summary>libtorch counts physical cores, which on a virtual machine may be half of what there is.</summary>
    private static void UseEveryCore()
    {
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null) set_num_threads(Environment.ProcessorCount);
    }
}
