using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>
/// Additive attention masks, 0 where position i may look at j and −∞ elsewhere, built once for the longest sequence seen and sliced for shorter ones.
/// −∞ gives the same probabilities as the lowest finite value, since every position sees at least itself.
/// </summary>
internal sealed class AttentionMasks(int windowSize, Device device) : IDisposable
{
    private readonly Dictionary<(AttentionKind Kind, ScalarType Type), Tensor> _masks = [];

    /// <summary>The mask [length, length] of a kind of attention; a view that the current dispose scope owns.</summary>
    public Tensor Get(AttentionKind kind, ScalarType type, long length)
    {
        if (!_masks.TryGetValue((kind, type), out var mask) || mask.shape[0] < length)
        {
            mask?.Dispose();
            mask = Build(kind, type, length);
            _masks[(kind, type)] = mask;
        }
        return mask.narrow(0, 0, length).narrow(1, 0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mask in _masks.Values) mask.Dispose();
        _masks.Clear();
    }

    private Tensor Build(AttentionKind kind, ScalarType type, long length)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var hidden = full(length, length, float.NegativeInfinity, dtype: ScalarType.Float32, device: device);
        // triu(1): everything after i. tril(−window): everything at i − window and before.
        var mask = hidden.triu(1);
        if (kind == AttentionKind.Local && windowSize < length) mask = mask + hidden.tril(-windowSize);
        return mask.to(type).DetachFromDisposeScope();
    }
}
