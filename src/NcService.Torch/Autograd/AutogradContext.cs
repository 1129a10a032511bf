using NcService.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a custom function keeps from its forward for its backward.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = [];
            private nint _node;

            internal AutogradContext()
            {
            }

            /// <summary>Whether backward gets zeros for an output that nothing depends on (the default), or an invalid tensor.</summary>
            public bool MaterializeGrads { get; private set; } = true;

            internal List<Tensor> ToSave { get; private set; } = [];

            internal List<Tensor> NonDifferentiable { get; private set; } = [];

            /// <summary>Keeps inputs, outputs or other tensors for backward; to be called once at most, within forward.</summary>
            public void save_for_backward(List<Tensor> tensors) => ToSave = tensors;

            /// <summary>Keeps something that isn't a tensor.</summary>
            public void save_data(string key, object value) => _data[key] = value is not Tensor
                ? value
                : throw new ArgumentException("Tensors are kept by save_for_backward.", nameof(value));

            public object? get_data(string key) => _data.GetValueOrDefault(key);

            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = [.. tensors];

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            /// <summary>What <see cref="save_for_backward"/> kept; to be called within backward.</summary>
            /// <exception cref="System.Runtime.InteropServices.ExternalException">A kept tensor was changed in place since.</exception>
            public unsafe List<Tensor> get_saved_variables()
            {
                if (_node == 0) throw new InvalidOperationException("Saved variables can be read within backward only.");
                var handles = new nint[Bridge.nc_function_saved_count(_node)];
                fixed (nint* tensors = handles) Bridge.Check(Bridge.nc_function_saved(_node, tensors));
                return [.. Array.ConvertAll(handles, static handle => new Tensor(handle))];
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            internal void Enter(nint node) => _node = node;

            internal void Leave() => _node = 0;

            // What is kept belongs to the node in libtorch's graph, and goes with it.
            protected virtual void Dispose(bool disposing)
            {
            }
        }
    }
}
