using System.Reflection;

namespace NcService.Torch.Tests.Operators;

/// <summary>The table of operators is complete: a public method of the binding that no case calls fails here.</summary>
public class OperatorCoverageTests
{
    // Not operators, and what tests them instead.
    private static readonly Dictionary<string, string[]> s_testedElsewhere = new()
    {
        [nameof(DataTests)] =
        [
            "tensor", "from_array", "as_tensor", "ToScalar", "data", "item", "ReadCpuDouble", "ReadCpuSingle", "ReadCpuInt32", "ReadCpuInt64", "ReadCpuByte",
            "ReadCpuBool", "ReadCpuValue", "WriteBytesToStream", "ReadBytesFromStream", "op_Implicit", "op_Explicit", "ToString", "empty", "empty_like", "new_empty",
            "set_", "Equals", "GetHashCode", "to", "cuda",
        ],
        [nameof(TensorPropertyTests)] =
        [
            "dim", "numel", "element_size", "storage_offset", "size", "stride", "is_cpu", "is_integral", "is_floating_point", "is_complex", "is_contiguous", "is_nonzero",
            "get_default_dtype", "set_default_dtype", "device", "cuda_is_available", "InitializeDevice", "InitializeDeviceType", "TryInitializeDeviceType",
            "get_num_threads", "set_num_threads", "get_num_interop_threads", "set_num_interop_threads",
        ],
        [nameof(AutogradTests)] = ["requires_grad_", "with_requires_grad", "retain_grad", "detach_", "backward", "no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "is_grad_enabled"],
        [nameof(DisposeScopeTests)] = ["MoveToOuterDisposeScope", "DetachFromDisposeScope", "MoveToOtherDisposeScope", "Dispose", "NewDisposeScope", "WrappedTensorDisposeScope"],
        [nameof(OperatorValueTests)] = ["index", "index_put_"],
        [nameof(GeneratorTests)] = ["manual_seed", "initial_seed", "get_rng_state", "set_rng_state"],
    };

    [OwnFact("that our own binding has no public operator without a case")]
    public void Every_public_operator_has_a_case()
    {
        var elsewhere = s_testedElsewhere.Values.SelectMany(names => names).ToHashSet(StringComparer.Ordinal);
        var called = OperatorCase.All.SelectMany(group => group).SelectMany(OperatorOverload.Of).Select(overload => overload.Method).ToHashSet();
        var missing = OperatorOverload.Public
            .Where(method => !called.Contains(method) && !elsewhere.Contains(method.Name) && !IsAccessor(method) && !TakesSpan(method))
            .Select(method => $"{method.DeclaringType!.Name}: {method}")
            .ToList();

        Assert.True(missing.Count == 0, $"{missing.Count} without a case:\n" + string.Join('\n', missing));
    }

    // Reflection can't hand spans over; what takes one is in SpanTests.
    private static bool TakesSpan(MethodInfo method) => method.GetParameters().Any(parameter => parameter.ParameterType.IsByRefLike);

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);
}
