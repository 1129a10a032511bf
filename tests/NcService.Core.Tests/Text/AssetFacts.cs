
namespace NcService.Core.Tests.Text;

/// <summary>A test that needs the fetched data files and is skipped, with the reason printed, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AssetFactAttribute : FactAttribute
{
    public AssetFactAttribute() => Skip = AssetFolder.TryFind("gpt2") is null ? "needs assets/, which `make setup` fetches" : null;
}

/// <summary>A test that compares with the npm package gpt-3-encoder and is skipped where that or Node is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReferenceEncoderFactAttribute : FactAttribute
{
    public ReferenceEncoderFactAttribute() => Skip = ReferenceEncoder.SkipReason;
}
