using NcService.Core;
using TorchSharp;

namespace NcService.Platform.Jobs.Executors;

/// <summary>The device that the options name.</summary>
internal static class ComputeDevice
{
    /// <summary><c>auto</c> becomes cuda:0 where libtorch can use one, else cpu.</summary>
    /// <exception cref="InputException">The device is not there.</exception>
    public static string Resolve(string device)
    {
        var cuda = torch.cuda.is_available();
        if (device == "auto") return cuda ? "cuda:0" : "cpu";
        if (device == "cpu" || (device.StartsWith("cuda", StringComparison.Ordinal) && cuda)) return device;
        throw new InputException($"{NcServiceOptions.SectionName}:{nameof(NcServiceOptions.Device)} is '{device}': it takes auto, cpu or, where libtorch finds a GPU, cuda:N.");
    }
}
