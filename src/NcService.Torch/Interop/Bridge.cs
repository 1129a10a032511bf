using System.Runtime.InteropServices;

namespace NcService.Torch.Interop;

/// <summary>The functions that native/ exports. A handle is the address of libtorch's TensorImpl, owning one reference.</summary>
internal static unsafe partial class Bridge
{
    internal const string Library = "ncservice_torch";

    [LibraryImport(Library)] internal static partial byte* nc_error();
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint nc_operator(string name, string overload);
    [LibraryImport(Library)] internal static partial int nc_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);
    [LibraryImport(Library)] internal static partial void nc_free_list(nint list);

    [LibraryImport(Library)] internal static partial void nc_release(nint handle);
    [LibraryImport(Library)] internal static partial nint nc_retain(nint handle);
    [LibraryImport(Library)] internal static partial int nc_describe(nint handle, TensorDescription* description);
    [LibraryImport(Library)] internal static partial nint nc_data(nint handle);
    [LibraryImport(Library)] internal static partial nint nc_from_memory(void* data, long* sizes, int dimensionCount, int scalarType, nint context, delegate* unmanaged<nint, void> free);
    [LibraryImport(Library)] internal static partial int nc_set_requires_grad(nint handle, int requiresGrad);
    [LibraryImport(Library)] internal static partial nint nc_grad(nint handle, out int status);
    [LibraryImport(Library)] internal static partial int nc_set_grad(nint handle, nint gradient);
    [LibraryImport(Library)] internal static partial int nc_backward(nint* outputs, int outputCount, nint* gradients, int gradientCount, nint* inputs, int inputCount, int retainGraph, int createGraph);
    [LibraryImport(Library)] internal static partial int nc_gradients(nint* outputs, int outputCount, nint* inputs, int inputCount, nint* gradients, int gradientCount, int retainGraph, int createGraph, int allowUnused, nint* results);

    [LibraryImport(Library)] internal static partial nint nc_function(nint* inputs, int inputCount, nint* outputs, int* differentiable, int outputCount, nint* results, nint context, delegate* unmanaged<nint, nint, nint*, int, nint*, int, nint> backward, delegate* unmanaged<nint, void> release, int materialize);
    [LibraryImport(Library)] internal static partial int nc_function_save(nint node, nint* tensors, int count);
    [LibraryImport(Library)] internal static partial int nc_function_saved_count(nint node);
    [LibraryImport(Library)] internal static partial int nc_function_saved(nint node, nint* tensors);

    [LibraryImport(Library)] internal static partial int nc_grad_enabled();
    [LibraryImport(Library)] internal static partial void nc_set_grad_enabled(int enabled);
    [LibraryImport(Library)] internal static partial nint nc_inference_mode_enter(int enabled);
    [LibraryImport(Library)] internal static partial void nc_inference_mode_leave(nint guard);

    [LibraryImport(Library)] internal static partial int nc_threads();
    [LibraryImport(Library)] internal static partial int nc_interop_threads();
    [LibraryImport(Library)] internal static partial int nc_set_threads(int count);
    [LibraryImport(Library)] internal static partial int nc_set_interop_threads(int count);
    [LibraryImport(Library)] internal static partial int nc_cuda_device_count();
    [LibraryImport(Library)] internal static partial int nc_cudnn_available();
    [LibraryImport(Library)] internal static partial int nc_cuda_synchronize(int index);
    [LibraryImport(Library)] internal static partial int nc_cuda_manual_seed(ulong seed, int index);

    [LibraryImport(Library)] internal static partial nint nc_generator(ulong seed, int deviceType, int deviceIndex);
    [LibraryImport(Library)] internal static partial nint nc_default_generator();
    [LibraryImport(Library)] internal static partial void nc_generator_release(nint generator);
    [LibraryImport(Library)] internal static partial int nc_generator_seed(nint generator, ulong seed);
    [LibraryImport(Library)] internal static partial ulong nc_generator_initial_seed(nint generator);
    [LibraryImport(Library)] internal static partial nint nc_generator_state(nint generator);
    [LibraryImport(Library)] internal static partial int nc_generator_set_state(nint generator, nint state);
    [LibraryImport(Library)] internal static partial int nc_manual_seed(ulong seed);

    /// <summary>The exception for the failure that the bridge has just reported on this thread.</summary>
    internal static ExternalException Failure() =>
        new(Marshal.PtrToStringUTF8((nint)nc_error()) ?? "libtorch failed without a message");

    /// <exception cref="ExternalException">When <paramref name="status"/> is negative.</exception>
    internal static void Check(int status)
    {
        if (status < 0) throw Failure();
    }

    /// <exception cref="ExternalException">When <paramref name="handle"/> is null.</exception>
    internal static nint Check(nint handle) => handle != 0 ? handle : throw Failure();
}
