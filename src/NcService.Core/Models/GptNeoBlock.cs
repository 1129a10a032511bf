using NcService.Core.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>One block: h + attention(LayerNorm(h)), then h + MLP(LayerNorm(h)). Composed of torch operators, so that autograd differentiates it on any device.</summary>
internal sealed class GptNeoBlock(GptNeoConfiguration configuration, int layer, IReadOnlyDictionary<string, Parameter> parameters, AttentionMasks masks)
{
    private readonly AttentionKind _kind = configuration.AttentionLayers[layer];
    private readonly Parameter _norm1Weight = parameters[$"transformer.h.{layer}.ln_1.weight"];
    private readonly Parameter _norm1Bias = parameters[$"transformer.h.{layer}.ln_1.bias"];
    private readonly Parameter _queryKeyValue = parameters[$"transformer.h.{layer}.attn.attention.qkv_proj.weight"];
    private readonly Parameter _outWeight = parameters[$"transformer.h.{layer}.attn.attention.out_proj.weight"];
    private readonly Parameter _outBias = parameters[$"transformer.h.{layer}.attn.attention.out_proj.bias"];
    private readonly Parameter _norm2Weight = parameters[$"transformer.h.{layer}.ln_2.weight"];
    private readonly Parameter _norm2Bias = parameters[$"transformer.h.{layer}.ln_2.bias"];
    private readonly Parameter _expandWeight = parameters[$"transformer.h.{layer}.mlp.c_fc.weight"];
    private readonly Parameter _expandBias = parameters[$"transformer.h.{layer}.mlp.c_fc.bias"];
    private readonly Parameter _contractWeight = parameters[$"transformer.h.{layer}.mlp.c_proj.weight"];
    private readonly Parameter _contractBias = parameters[$"transformer.h.{layer}.mlp.c_proj.bias"];

    /// <summary>[B, T, d] to [B, T, d], both float32.</summary>
    public Tensor Forward(Tensor hidden, Precision precision)
    {
        using var scope = NewDisposeScope();
        hidden = hidden + Attention(Norm(hidden, _norm1Weight, _norm1Bias), precision);
        var inner = GeluNew(Linear(Norm(hidden, _norm2Weight, _norm2Bias), _expandWeight, _expandBias, precision));
        return (hidden + Linear(inner, _contractWeight, _contractBias, precision)).MoveToOuterDisposeScope();
    }

    private Tensor Norm(Tensor input, Tensor weight, Tensor bias) =>
        nn.functional.layer_norm(input, [configuration.HiddenSize], weight, bias, configuration.LayerNormEpsilon);

    private Tensor Attention(Tensor input, Precision precision)
    {
        long batch = input.shape[0], length = input.shape[1], heads = configuration.NumHeads, size = configuration.HeadSize;
        var mixed = Linear(input, _queryKeyValue, null, precision)                                // (B, T, 3 d)
            .view(batch, length, 3, heads, size).permute(2, 0, 3, 1, 4).contiguous()                // (3, B, H, T, d/H)
            .view(3, batch * heads, length, size);
        var (query, key, value) = (mixed.select(0, 0), mixed.select(0, 1), mixed.select(0, 2));
        var mask = masks.Get(_kind, query.dtype, length);
        var scores = bmm(query, key.transpose(1, 2)).add_(mask);                                  // (B H, T, T), not scaled
        var context = bmm(scores.softmax(-1), value);                                              // (B H, T, d/H)
        var merged = context.view(batch, heads, length, size).transpose(1, 2).reshape(batch, length, heads * size);
        return Linear(merged, _outWeight, _outBias, precision);
    }

    private static Tensor Linear(Tensor input, Tensor weight, Tensor? bias, Precision precision) => precision == Precision.BFloat16
        ? nn.functional.linear(input.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16), bias?.to(ScalarType.BFloat16))
        : nn.functional.linear(input, weight, bias);

    /// <summary>
    /// 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), written as x·sigmoid(2 u), which is the same function in fewer operations.
    /// </summary>
    private static Tensor GeluNew(Tensor x)
    {
        const double Slope = 1.5957691216057308;   // 2 √(2/π)
        return x * (x * (x * x * (Slope * 0.044715) + Slope)).sigmoid();
    }
}
