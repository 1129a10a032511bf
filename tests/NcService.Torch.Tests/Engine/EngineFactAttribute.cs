using System.Runtime.CompilerServices;

namespace NcService.Torch.Tests;

/// <summary>A test that is skipped on TorchSharp where <see cref="Departures"/> names it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EngineFactAttribute : FactAttribute
{
    public EngineFactAttribute([CallerMemberName] string test = "") => Skip = Departures.OfTest(test);
}

/// <summary>A test of something that only our own binding has; skipped, with the reason, on TorchSharp.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OwnFactAttribute : FactAttribute
{
    public OwnFactAttribute(string what) => Skip = Departures.OnTorchSharp ? $"TorchSharp is in use, and this tests {what}" : null;
}

/// <summary>A test that says something on TorchSharp only; skipped, with the reason, on our own binding.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TorchSharpFactAttribute : FactAttribute
{
    public TorchSharpFactAttribute(string why) => Skip = Departures.OnTorchSharp ? null : why;
}

/// <summary>A test of our own binding that reads native/; skipped also where the tests run away from the sources.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NativeSourcesFactAttribute : FactAttribute
{
    public NativeSourcesFactAttribute() =>
        Skip = Departures.OnTorchSharp ? "TorchSharp is in use, and this tests the sources of our own binding"
            : Directory.Exists(Folder) ? null : $"needs the sources of the bridge, and there is no {Folder}";

    public static string Folder { get; } = Path.Combine(SharedData.RepositoryRoot, "native");
}
