using TorchSharp;

namespace NcService.Torch.Tests;

/// <summary>
/// Where TorchSharp 0.105.1 strays from PyTorch, or ends the process where an exception belongs. What stands here is skipped, with
/// its reason, when these tests run on TorchSharp; on our own binding nothing is.
/// </summary>
internal static class Departures
{
    private const string NotInPlace = "does not change its tensor";
    private const string OneStep = "knows n = 1 only";
    private const string Unbiased = "takes no notice of unbiased";
    private const string NoRounding = "does not round";

    /// <summary>Whether these tests run on TorchSharp itself (-p:TorchBackend=TorchSharp).</summary>
    public static bool OnTorchSharp { get; } = typeof(torch).Assembly.GetName().Name == nameof(TorchSharp);

    /// <summary>Overloads, as <see cref="Operators.OperatorOverload.Signature"/> writes them, or an operator with a type of its result, and what is wrong with them.</summary>
    public static IReadOnlyDictionary<string, string> OfOperators { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Tensor.diff(Int64, Int64, Tensor, Tensor)"] = OneStep,
        ["torch.diff(Tensor, Int64, Int64, Tensor, Tensor)"] = OneStep,
        ["Tensor.var(Boolean)"] = Unbiased,
        ["torch.var(Tensor, Boolean)"] = Unbiased,
        ["Tensor.zero_()"] = "is not recorded for backward",
        ["full of bool"] = "gives whole numbers",
        ["torch.div(Tensor, Tensor, RoundingMode)"] = NoRounding,
        ["torch.div(Tensor, Scalar, RoundingMode)"] = NoRounding,
        ["torch.div_(Tensor, Tensor, RoundingMode)"] = NoRounding,
        ["torch.erfinv(Tensor)"] = "computes erf",
        ["torch.var_mean(Tensor, Boolean)"] = "gives the standard deviation",
        ["torch.take_along_dim(Tensor, Tensor, Int64)"] = "takes dimension 0 where none is given",
        ["torch.lgamma_(Tensor)"] = NotInPlace,
        ["torch.clamp_min_(Tensor, Scalar)"] = NotInPlace,
        ["torch.clamp_max_(Tensor, Scalar)"] = NotInPlace,
    };

    /// <summary>Overloads that change their tensor in place, rightly, but return a second object for it; all else about them is still checked.</summary>
    public static IReadOnlySet<string> WithSecondHandle { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "Tensor.tril_(Int64)", "Tensor.triu_(Int64)", "Tensor.gelu_()", "torch.tril_(Tensor, Int64)", "torch.triu_(Tensor, Int64)",
    };

    private static readonly Dictionary<string, string> s_ofTests = new(StringComparer.Ordinal)
    {
        [nameof(CustomFunctionTests.Exception_in_backward_reaches_the_caller)] = "an exception in a custom backward ends the process",
        [nameof(DataTests.Writing_from_the_middle_follows_strides)] = "TensorAccessor.CopyFrom from the middle of a transposed tensor writes elsewhere",
        [nameof(DataTests.Accessors_are_equal_as_objects_too)] = "TensorAccessor.Equals follows a null reference",
        [nameof(ErrorTests.Matmul_error_is_an_exception_too)] = "an error in matmul ends the process",
        [nameof(WrongCallTests.Thousand_wrong_calls_are_a_thousand_exceptions)] = "some wrong calls, such as matmul of shapes that don't fit, end the process",
        [nameof(WrongCallTests.Wrong_element_type_is_refused)] = "an error in matmul ends the process",
        [nameof(WrongCallTests.Used_up_generator_says_so)] = "a disposed generator ends the process",
        [nameof(WrongCallTests.Generator_refuses_what_is_no_state)] = "what is no state ends the process",
    };

    /// <summary>What of the tables of operators applies to the engine in use.</summary>
    public static IEnumerable<string> OfOperatorsHere => OnTorchSharp ? [.. OfOperators.Keys, .. WithSecondHandle] : [];

    /// <summary>Why a test is skipped on the engine in use, or null.</summary>
    public static string? OfTest(string test) => OnTorchSharp && s_ofTests.TryGetValue(test, out var how) ? $"TorchSharp 0.105.1: {how}" : null;

    /// <summary>Why an entry of the tables of operators is left out on the engine in use, or null.</summary>
    public static string? OfOperator(string what) =>
        !OnTorchSharp ? null
        : OfOperators.TryGetValue(what, out var how) ? $"TorchSharp 0.105.1: {what} {how}"
        : WithSecondHandle.Contains(what) ? $"TorchSharp 0.105.1: {what} returns a second object for its tensor"
        : null;
}
