using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using NcService.Torch.Tests.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

/// <summary>
/// A thousand calls with something wrong in them, made from the right ones of operators.json: each is a .NET exception that says
/// what was wrong, and the process lives.
/// </summary>
public class WrongCallTests
{
    private const long Huge = 1L << 50;

    private static readonly HashSet<string> s_dimensions = new(StringComparer.Ordinal) { "dim", "dim0", "dim1", "dim2", "dimension", "axis", "start_dim", "end_dim" };

    // Here a number of that name is the length of a dimension, not the choice of one.
    private static readonly HashSet<string> s_factories = new(StringComparer.Ordinal)
    {
        "zeros", "ones", "full", "rand", "randn", "new_zeros", "new_ones", "new_full",
    };

    private static readonly HashSet<string> s_twoThatFit = new(StringComparer.Ordinal)
    {
        "add", "sub_", "mul", "div_", "pow", "maximum", "eq", "lt_", "op_Addition", "masked_fill", "copy_", "expand_as", "view_as",
        "mm", "matmul", "mv", "dot", "outer", "linalg.solve", "functional.linear", "functional.mse_loss",
    };

    [EngineFact]
    public void Thousand_wrong_calls_are_a_thousand_exceptions()
    {
        var random = new Random(1);
        var calls = OperatorCase.All.SelectMany(group => group).SelectMany(one => OperatorOverload.Of(one).Select(overload => (one, overload))).ToArray();
        var refused = new Dictionary<string, int>(StringComparer.Ordinal);
        while (refused.Values.Sum() < 1000)
        {
            using var scope = NewDisposeScope();
            var (one, overload) = calls[random.Next(calls.Length)];
            var arguments = one.Arguments.EnumerateArray().ToList();
            var inputs = OperatorCaseTests.Inputs(one.Arguments, ScalarType.Float64);
            var (kind, call) = Spoil(one, overload, inputs, random);
            if (call is null) continue;
            var error = Record.Exception(call)?.InnerException;
            Assert.True(error is not null, $"{kind}: {overload.Method} took {one.Arguments}");
            CheckMessage(error, kind, $"{overload.Method}");
            refused[kind] = refused.GetValueOrDefault(kind) + 1;
        }

        Assert.Equal(["dimension", "disposed", "no such device", "null", "shape", "size"], refused.Keys.Order());
        using var alive = ones(2) + 1;
        Assert.Equal(4, alive.sum().ToDouble());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-4)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Index_outside_the_tensor_is_refused(long index)
    {
        using var scope = NewDisposeScope();
        var (x, at) = (randn(3, 3), tensor(new[] { index }));
        var square = at.view(1, 1);
        Action[] calls =
        [
            () => x.index_select(0, at), () => x.index_add(0, at, x[..1], 1), () => x.clone().index_add_(0, at, x[..1], 1),
            () => x.index_copy(0, at, x[..1]), () => x.index_fill(0, at, 1), () => x.gather(0, square), () => x.scatter(0, square, x),
            () => x.scatter_add(0, square, x), () => x.take(at * 3), () => x.take_along_dim(square, 0), () => x.select(0, index),
            () => _ = x[index], () => _ = x[0, index], () => _ = x[at], () => x[at] = x[0], () => x[index] = x[0],
            () => nn.functional.cross_entropy(x[..1], at), () => nn.functional.nll_loss(x[..1], at), () => nn.functional.one_hot(at, 3),
            () => nn.Embedding(3, 2).call(at), () => _ = x.data<float>()[index, 0], () => x.ReadCpuSingle(index * 3),
        ];
        foreach (var call in calls)
        {
            var error = Record.Exception(call);
            Assert.True(error is ExternalException or IndexOutOfRangeException or ArgumentOutOfRangeException, $"call {Array.IndexOf(calls, call)}: {error}");
        }
    }

    [EngineFact]
    public void Wrong_element_type_is_refused()
    {
        using var scope = NewDisposeScope();
        var (x, whole) = (randn(3, 3), ones(3, 3, int64));
        Action[] calls =
        [
            () => x.mm(whole), () => x.matmul(whole), () => x.dot(x), () => x.index_select(0, x[0]), () => x.gather(0, x), () => x.masked_fill(x, 1),
            () => x.bitwise_and(x), () => whole.bitwise_and(x), () => linalg.inv(whole), () => linalg.eigh(x.to(bfloat16)), () => whole.mean(),
            () => whole.add_(x), () => nn.functional.linear(x, whole), () => nn.functional.cross_entropy(x, x[0].to(int32)), () => nn.functional.one_hot(x),
            () => nn.functional.layer_norm(whole, [3]), () => nn.Embedding(3, 2).call(x), () => x.data<double>(), () => x[0, 0].item<int>(), () => x.bincount(null),
            () => whole.requires_grad_(), () => where(x, x, x), () => x.copy_(null!), () => x[x] = x, () => x.to("nowhere"), () => x.to("cpu:x"),
        ];
        foreach (var call in calls) Assert.True(Record.Exception(call) is not null, $"call {Array.IndexOf(calls, call)} was taken");
    }

    [EngineFact]
    public void Used_up_generator_says_so()
    {
        var generator = new Generator(1);
        generator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.get_state());
        Assert.Throws<ObjectDisposedException>(() => generator.manual_seed(2));
        Assert.Throws<ObjectDisposedException>(() => rand(2, generator: generator));
    }

    [EngineFact]
    public void Generator_refuses_what_is_no_state()
    {
        using var generator = new Generator(1);
        Assert.Throws<ExternalException>(() => generator.set_state(ones(3)));
        Assert.Throws<ExternalException>(() => generator.set_state(zeros(3, uint8)));
        Assert.Throws<ArgumentNullException>(() => generator.set_state(null!));
    }

    // Something that no libtorch may take, where this call has room for it.
    private static (string Kind, Action? Call) Spoil(OperatorCase one, OperatorOverload overload, List<Tensor> inputs, Random random)
    {
        var parameters = overload.Method.GetParameters();
        Action Change(JsonElement arguments) => () => overload.Call(arguments, inputs);
        switch (random.Next(6))
        {
            case 0 when inputs.Count > 0:
                inputs[random.Next(inputs.Count)].Dispose();
                return ("disposed", Change(one.Arguments));
            case 1 when inputs.Count > 1 && RequiredTensors(one, overload) is { Count: > 0 } required:
                inputs[required[random.Next(required.Count)]] = null!;
                return ("null", Change(one.Arguments));
            case 2 when ArgumentNamed(one, overload, parameter => s_dimensions.Contains(parameter.Name!) && !s_factories.Contains(one.Name)) is { } dimension:
                return ("dimension", Change(Replace(one.Arguments, dimension, random.Next(2) == 0 ? 99 : -99)));
            case 3 when ArgumentNamed(one, overload, parameter => parameter.Name is "size" or "sizes" or "rows" or "dim0" && s_factories.Contains(one.Name)) is { } size:
                var narrow = Array.Exists(parameters, parameter => parameter.ParameterType == typeof(int));
                return ("size", Change(Replace(one.Arguments, size, narrow || random.Next(2) == 0 ? -7 : Huge)));
            case 4 when inputs.Count == 2 && s_twoThatFit.Contains(one.Name):
                inputs[1] = inputs[1].new_zeros([7, 5, 11]).squeeze();
                return ("shape", Change(one.Arguments));
            case 5 when parameters.Any(parameter => parameter.ParameterType == typeof(Device)):
                return ("no such device", () => OnMissingDevice(overload, one, inputs));
            default:
                return ("", null);
        }
    }

    private static void OnMissingDevice(OperatorOverload overload, OperatorCase one, List<Tensor> inputs)
    {
        var parameters = overload.Method.GetParameters();
        var device = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(Device));
        overload.Call(one.Arguments, inputs, values => values[device] = new Device(DeviceType.CUDA, 77));
    }

    // Positions, among the inputs, of tensors that the signature does not allow to be null; never the one the method belongs to.
    private static List<int> RequiredTensors(OperatorCase one, OperatorOverload overload)
    {
        var nullability = new NullabilityInfoContext();
        var (found, input, shift) = (new List<int>(), 0, overload.Method.IsStatic ? 0 : 1);
        var arguments = one.Arguments.EnumerateArray().ToList();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].ValueKind == JsonValueKind.Array && arguments[i].EnumerateArray().Any(OperatorCase.IsTensor)) return [];
            if (!OperatorCase.IsTensor(arguments[i])) continue;
            if (i >= shift && nullability.Create(overload.Method.GetParameters()[i - shift]).WriteState == NullabilityState.NotNull && i > 0) found.Add(input);
            input++;
        }

        return found;
    }

    private static int? ArgumentNamed(OperatorCase one, OperatorOverload overload, Func<ParameterInfo, bool> fits)
    {
        var parameters = overload.Method.GetParameters();
        var shift = overload.Method.IsStatic ? 0 : 1;
        for (var i = shift; i < one.Arguments.GetArrayLength(); i++)
        {
            if (fits(parameters[i - shift]) && (one.Arguments[i].ValueKind is JsonValueKind.Number or JsonValueKind.Array)) return i;
        }

        return null;
    }

    private static JsonElement Replace(JsonElement arguments, int position, long value)
    {
        var list = arguments.EnumerateArray().Select((argument, i) => i != position ? argument.GetRawText() : argument.ValueKind == JsonValueKind.Array ? $"[{value}]" : $"{value}");
        return JsonDocument.Parse($"[{string.Join(',', list)}]").RootElement;
    }

    private static void CheckMessage(Exception error, string kind, string call)
    {
        Assert.True(error is ExternalException or ObjectDisposedException or ArgumentException or InvalidOperationException, $"{kind}, {call}: {error}");
        if (kind == "disposed") Assert.IsType<ObjectDisposedException>(error);
        if (error is not ExternalException) return;
        Assert.Matches(@"^aten::\w+(\.\w+)?\(.*\): .+", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
