using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>The first weights: every matrix N(0, σ) with no depth scaling, biases 0, LayerNorms 1 and 0.</summary>
internal static class GptNeoInitialisation
{
    /// <summary>A flat array [P] on the CPU; matrices are drawn in the order of the network from one generator.</summary>
    public static Tensor Draw(ParameterLayout layout, double standardDeviation, int seed)
    {
        var flat = zeros(layout.Length, dtype: ScalarType.Float32);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)(uint)seed);
        foreach (var name in layout.InOrder)
        {
            var slot = layout[name];
            var view = flat.narrow(0, slot.Offset, slot.Count);
            if (slot.Shape.Length > 1) view.normal_(0, standardDeviation, generator);
            else if (name.EndsWith(".weight", StringComparison.Ordinal)) view.fill_(1);
        }
        return flat;
    }
}
