using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests.Operators;

/// <summary>
/// Every operator, through each of its overloads, against what PyTorch gave (operators.json) and against central differences.
/// </summary>
public class OperatorCaseTests
{
    private const double Step = 1e-6;

    public static TheoryData<string> Names => [.. OperatorCase.All.Select(group => group.Key)];

    public static TheoryData<string> NamesAndDepartures => [.. OperatorCase.All.Select(group => group.Key), .. Departures.OfOperatorsHere];

    [OperatorTheory]
    [MemberData(nameof(NamesAndDepartures))]
    public void Values_and_gradients_are_PyTorchs(string name) => Check(OperatorCase.All[name].Where(one => !one.Seeded));

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_central_differences(string name)
    {
        foreach (var one in OperatorCase.All[name].Where(one => one is { Gradients: not null, Numeric: true }))
        {
            using var scope = NewDisposeScope();
            if (OperatorOverload.Of(one).FirstOrDefault(candidate => !IsLeftOut(one, candidate)) is not { } overload) continue;
            var expected = one.Gradients!.Value.EnumerateArray().ToList();
            var inputs = Inputs(one.Arguments, ScalarType.Float64);
            var leaves = inputs.Where(input => input.dtype == ScalarType.Float64).ToList();
            for (var i = 0; i < leaves.Count; i++)
            {
                if (expected[i].ValueKind == JsonValueKind.Null) continue;
                var values = leaves[i].view(-1).data<double>();
                for (var j = 0L; j < values.Count; j++)
                {
                    var kept = values[j];
                    values[j] = kept + Step;
                    var above = WeightedSum(one, overload, inputs);
                    values[j] = kept - Step;
                    var below = WeightedSum(one, overload, inputs);
                    values[j] = kept;
                    AssertNear((above - below) / (2 * Step), OperatorCase.Number(expected[i].GetProperty("values")[(int)j]), 1e-6, $"{one.Name}, input {i}, entry {j}");
                }
            }
        }
    }

    /// <summary>Values, in every type, and gradients of each overload that takes a case's arguments.</summary>
    internal static void Check(IEnumerable<OperatorCase> cases)
    {
        foreach (var one in cases)
        {
            var overloads = OperatorOverload.Of(one).ToList();
            Assert.True(overloads.Count > 0, $"no overload of {one.Name} takes {one.Arguments}");
            foreach (var overload in overloads.Where(overload => !IsLeftOut(one, overload)))
                Check(one, overload, Departures.OnTorchSharp && Departures.WithSecondHandle.Contains(overload.Signature));
        }
    }

    /// <summary>Values, in every type, and gradients of one overload; <paramref name="secondHandles"/> tells whether it may return another object for a tensor that it changed.</summary>
    internal static void Check(OperatorCase one, OperatorOverload overload, bool secondHandles)
    {
        using var scope = NewDisposeScope();
        CheckValues(one, overload, ScalarType.Float64, one.Results, secondHandles);
        if (one.As is { } others)
        {
            foreach (var other in others.EnumerateObject()) CheckValues(one, overload, TypeNamed(other.Name), other.Value, secondHandles);
        }

        if (one.Gradients is { } gradients) CheckGradients(one, overload, gradients);
    }

    // What TorchSharp computes otherwise, when it is in use.
    private static bool IsLeftOut(OperatorCase one, OperatorOverload overload) =>
        Departures.OnTorchSharp && (Departures.OfOperators.ContainsKey(overload.Signature) || Departures.OfOperators.ContainsKey(one.WithType));

    private static void CheckValues(OperatorCase one, OperatorOverload overload, ScalarType type, JsonElement expected, bool secondHandles)
    {
        var inputs = Inputs(one.Arguments, type);
        var first = inputs.Count > 0 ? inputs[0] : null;
        if (one.Seeded) manual_seed(7);
        var found = overload.Call(one.Arguments, inputs);
        var where = $"{overload.Method} as {type}";
        if (one.InPlace && !secondHandles) Assert.True(ReferenceEquals(first, found[0]), $"{where} did not return its own tensor");
        Assert.True(expected.GetArrayLength() == found.Count, $"{where}: {found.Count} results");
        foreach (var (wanted, result) in expected.EnumerateArray().Zip(found))
        {
            if (result is bool truth) Assert.Equal(wanted.GetBoolean(), truth);
            else CheckTensor(wanted, (Tensor)result, Tolerance(((Tensor)result).dtype), one.Absolute, where);
        }

        if (one.InPlace) CheckTensor(expected[0], first!, Tolerance(first!.dtype), one.Absolute, $"{where}, its own tensor");
    }

    private static void CheckGradients(OperatorCase one, OperatorOverload overload, JsonElement expected)
    {
        var inputs = Inputs(one.Arguments, ScalarType.Float64);
        var leaves = inputs.Where(input => input.dtype == ScalarType.Float64).ToList();
        var wanted = expected.EnumerateArray().ToList();
        for (var i = 0; i < leaves.Count; i++) leaves[i].requires_grad = wanted[i].ValueKind != JsonValueKind.Null;
        if (one.Seeded) manual_seed(7);
        var outputs = overload.Call(one.Arguments, one.InPlace ? [inputs[0].clone(), .. inputs.Skip(1)] : inputs);
        var recorded = outputs.OfType<Tensor>().Where(output => output.requires_grad).ToList();
        Weighted(recorded).backward();
        // A gradient is no more exact than the types it came through.
        var tolerance = recorded.Max(output => Tolerance(output.dtype));
        for (var i = 0; i < leaves.Count; i++)
        {
            if (wanted[i].ValueKind == JsonValueKind.Null) Assert.Null(leaves[i].grad);
            else CheckTensor(wanted[i], leaves[i].grad!, tolerance, false, $"gradient {i} of {overload.Method}");
        }
    }

    private static double WeightedSum(OperatorCase one, OperatorOverload overload, List<Tensor> inputs)
    {
        using var scope = NewDisposeScope();
        var outputs = overload.Call(one.Arguments, one.InPlace ? [inputs[0].clone(), .. inputs.Skip(1)] : inputs);
        return Weighted(outputs.OfType<Tensor>().Where(output => output.is_floating_point())).ToDouble();
    }

    // The loss of the stored gradients: sum of result · cos(1, 2, 3 …).
    private static Tensor Weighted(IEnumerable<Tensor> outputs) => outputs
        .Select(output => (output * arange(1, output.numel() + 1, output.dtype).cos().view(output.shape)).sum())
        .Aggregate((left, right) => left + right);

    /// <summary>The tensors among a case's arguments, in order, those of float64 as <paramref name="type"/>.</summary>
    internal static List<Tensor> Inputs(JsonElement arguments, ScalarType type) =>
        [.. Flat(arguments).Select(element => OperatorCase.ReadTensor(element)).Select(read => read.dtype == ScalarType.Float64 ? read.to(type) : read)];

    private static IEnumerable<JsonElement> Flat(JsonElement argument) =>
        OperatorCase.IsTensor(argument) ? [argument]
        : argument.ValueKind == JsonValueKind.Array ? argument.EnumerateArray().SelectMany(Flat)
        : [];

    // A few roundings of the type: versions of libtorch differ in the order of their sums.
    private static double Tolerance(ScalarType type) => type switch
    {
        ScalarType.Float64 => 1e-9,
        ScalarType.Float32 => 2e-5,
        ScalarType.Float16 => 1.0 / 256,
        ScalarType.BFloat16 => 1.0 / 32,
        _ => 0,
    };

    private static void CheckTensor(JsonElement wanted, Tensor found, double tolerance, bool absolute, string where)
    {
        Assert.True(OperatorCase.TypeOf(wanted) == found.dtype, $"{where} is {found.dtype}, not {wanted.GetProperty("type")}");
        Assert.Equal(OperatorCase.ReadLongs(wanted.GetProperty("shape")), found.shape);
        // A copy: a gradient that is known to be zero has no memory.
        var values = found.detach().to(ScalarType.Float64, copy: true).flatten().data<double>().ToArray();
        var i = 0;
        foreach (var element in wanted.GetProperty("values").EnumerateArray())
        {
            var value = element.ValueKind is JsonValueKind.True or JsonValueKind.False ? (element.GetBoolean() ? 1 : 0) : OperatorCase.Number(element);
            AssertNear(absolute ? Math.Abs(value) : value, absolute ? Math.Abs(values[i]) : values[i], tolerance, $"{where}, entry {i}");
            i++;
        }
    }

    private static void AssertNear(double expected, double found, double tolerance, string where) =>
        Assert.True(
            expected.Equals(found) || Math.Abs(expected - found) <= tolerance * Math.Max(1, Math.Abs(expected)),
            $"{where}: expected {expected:R}, found {found:R}");

    private static ScalarType TypeNamed(string name) => name switch
    {
        "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        _ => ScalarType.Int64,
    };
}
