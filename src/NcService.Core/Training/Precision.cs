using System.Text.Json.Serialization;

namespace NcService.Core.Training;

/// <summary>What the matrix products are computed in; parameters are float32 either way.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
public enum Precision
{
    /// <summary>Everything in float32.</summary>
    Float32,

    /// <summary>Matrix products, attention scores and softmax in bfloat16; master weights, residual stream, LayerNorm and loss in float32.</summary>
    BFloat16,
}
