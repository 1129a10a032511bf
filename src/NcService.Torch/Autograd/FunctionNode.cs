using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NcService.Torch.Interop;

/// <summary>The managed side of a node that a custom function puts into libtorch's graph; it lives as long as the native side.</summary>
internal sealed class FunctionNode(AutogradContext context, Func<AutogradContext, List<Tensor>, List<Tensor>> backward, object[] arguments)
{
    // Which arguments of forward were tensors; the arguments themselves are not kept.
    private readonly bool[] _isTensor = Array.ConvertAll(arguments, static argument => argument is Tensor { IsInvalid: false });

    /// <summary>Ties <paramref name="outputs"/> to <paramref name="inputs"/>; returns what takes the outputs' place.</summary>
    internal static unsafe List<Tensor> Record(FunctionNode node, Tensor[] inputs, List<Tensor> outputs)
    {
        var inputHandles = Array.ConvertAll(inputs, static input => input.Handle);
        var outputHandles = outputs.ConvertAll(static output => output.Handle).ToArray();
        var differentiable = outputs.ConvertAll(output => node.TakesPart(output) ? 1 : 0).ToArray();
        var resultHandles = new nint[outputHandles.Length];
        nint native;
        fixed (nint* ins = inputHandles, outs = outputHandles, results = resultHandles)
        fixed (int* parts = differentiable)
        {
            var self = GCHandle.ToIntPtr(GCHandle.Alloc(node));
            native = Bridge.Check(Bridge.nc_function(ins, ins is null ? 0 : inputs.Length, outs, parts, outputs.Count, results, self, &Backward, &Release, node.Materialize));
        }

        var tied = new List<Tensor>(outputs.Count);
        for (var i = 0; i < resultHandles.Length; i++) tied.Add(Adopt(outputs[i], resultHandles[i]));
        node.Save(native);
        GC.KeepAlive(inputs);
        return tied;
    }

    private int Materialize => context.MaterializeGrads ? 1 : 0;

    private bool TakesPart(Tensor output) =>
        (output.is_floating_point() || output.is_complex()) && !context.NonDifferentiable.Exists(other => other.Handle == output.Handle);

    // The same native tensor keeps its object; another one gets one.
    private static Tensor Adopt(Tensor output, nint result)
    {
        if (result != output.Handle) return new Tensor(result);
        Bridge.nc_release(result);
        return output;
    }

    private unsafe void Save(nint native)
    {
        var handles = context.ToSave.ConvertAll(static tensor => tensor is null ? 0 : tensor.Handle).ToArray();
        fixed (nint* tensors = handles) Bridge.Check(Bridge.nc_function_save(native, tensors, handles.Length));
        context.ToSave.Clear();
    }

    private List<Tensor> Run(nint native, List<Tensor> outputs)
    {
        context.Enter(native);
        try
        {
            var gradients = backward(context, outputs);
            if (gradients.Count != _isTensor.Length)
                throw new InvalidOperationException($"backward returned {gradients.Count} gradients for {_isTensor.Length} arguments of forward.");
            return gradients;
        }
        finally
        {
            context.Leave();
        }
    }

    [UnmanagedCallersOnly]
    private static unsafe nint Backward(nint self, nint native, nint* outputs, int outputCount, nint* gradients, int inputCount)
    {
        // No exception may pass into native code: its message goes there instead.
        try
        {
            using var scope = NewDisposeScope();
            var node = (FunctionNode)GCHandle.FromIntPtr(self).Target!;
            var given = new List<Tensor>(outputCount);
            for (var i = 0; i < outputCount; i++) given.Add(new Tensor(outputs[i]));
            var found = node.Run(native, given);
            var next = 0;
            for (var i = 0; i < found.Count && next < inputCount; i++)
            {
                if (!node._isTensor[i]) continue;
                gradients[next++] = found[i] is { IsInvalid: false } gradient ? Bridge.nc_retain(gradient.Handle) : 0;
            }

            return 0;
        }
        catch (Exception error)
        {
            return Marshal.StringToCoTaskMemUTF8($"{error.GetType().Name} in a custom function's backward: {error.Message}");
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(nint self) => GCHandle.FromIntPtr(self).Free();
}
