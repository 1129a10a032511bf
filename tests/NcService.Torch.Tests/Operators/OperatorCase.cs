using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace NcService.Torch.Tests.Operators;

/// <summary>A line of operators.json: an operator, its arguments, and what PyTorch gives for them. See make_operator_cases.py.</summary>
internal sealed record OperatorCase(string Name, JsonElement Arguments, JsonElement Results, JsonElement? Gradients, JsonElement? As, bool Numeric, bool Absolute, bool Seeded)
{
    public static ILookup<string, OperatorCase> All { get; } = Read().ToLookup(one => one.Name, StringComparer.Ordinal);

    /// <summary>Whether the operator changes its first argument and returns it.</summary>
    public bool InPlace => Name.EndsWith('_');

    /// <summary>The operator with the type of its result, such as <c>full of bool</c>.</summary>
    public string WithType => $"{Name} of {(IsTensor(Results[0]) ? Results[0].GetProperty("type").GetString() : "bool")}";

    public static double Number(JsonElement element) => element.ValueKind == JsonValueKind.String
        ? double.Parse(element.GetString()!, CultureInfo.InvariantCulture)
        : element.GetDouble();

    public static bool IsTensor(JsonElement element) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("shape", out _);

    public static bool IsType(JsonElement element) => element.ValueKind == JsonValueKind.Object && !element.TryGetProperty("shape", out _);

    public static ScalarType TypeOf(JsonElement element) => element.GetProperty("type").GetString() switch
    {
        "bool" => ScalarType.Bool,
        "uint8" => ScalarType.Byte,
        "int8" => ScalarType.Int8,
        "int16" => ScalarType.Int16,
        "int32" => ScalarType.Int32,
        "int64" => ScalarType.Int64,
        "float16" => ScalarType.Float16,
        "bfloat16" => ScalarType.BFloat16,
        "float32" => ScalarType.Float32,
        "float64" => ScalarType.Float64,
        var other => throw new NotSupportedException(other),
    };

    public static Tensor ReadTensor(JsonElement element)
    {
        var type = TypeOf(element);
        var values = element.GetProperty("values");
        using var scope = NewDisposeScope();
        var flat = type switch
        {
            ScalarType.Bool => tensor(values.EnumerateArray().Select(value => value.GetBoolean()).ToArray()),
            ScalarType.Int64 => tensor(ReadLongs(values)),
            _ => tensor(values.EnumerateArray().Select(Number).ToArray()).to(type),
        };
        return flat.view(ReadLongs(element.GetProperty("shape"))).MoveToOuterDisposeScope();
    }

    public static long[] ReadLongs(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetInt64())];

    private static IEnumerable<OperatorCase> Read()
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "operators.json"));
        foreach (var one in JsonDocument.Parse(stream).RootElement.EnumerateArray())
        {
            yield return new OperatorCase(
                one.GetProperty("name").GetString()!,
                one.GetProperty("arguments"),
                one.GetProperty("results"),
                one.TryGetProperty("gradients", out var gradients) ? gradients : null,
                one.TryGetProperty("as", out var others) ? others : null,
                !one.TryGetProperty("numeric", out _),
                one.TryGetProperty("absolute", out _),
                one.TryGetProperty("seeded", out _));
        }
    }
}
