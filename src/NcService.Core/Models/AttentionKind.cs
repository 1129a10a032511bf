using System.Text.Json.Serialization;

namespace NcService.Core.Models;

/// <summary>Which earlier positions a layer may look at; written to config.json in lower case, as Hugging Face does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttentionKind>))]
public enum AttentionKind
{
    /// <summary>Position i attends to every j ≤ i.</summary>
    [JsonStringEnumMemberName("global")]
    Global,

    /// <summary>Position i attends to i − window &lt; j ≤ i, itself included.</summary>
    [JsonStringEnumMemberName("local")]
    Local,
}
