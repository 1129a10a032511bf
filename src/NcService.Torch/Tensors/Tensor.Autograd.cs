using NcService.Torch.Interop;
using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Whether operations on the tensor are recorded for backward.</summary>
        public bool requires_grad
        {
            get => Describe().RequiresGrad != 0;
            set
            {
                Bridge.Check(Bridge.nc_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        /// <summary>The accumulated gradient of a leaf: each reading gives a new reference to the same tensor.</summary>
        public Tensor? grad
        {
            get
            {
                var gradient = Bridge.nc_grad(Handle, out var status);
                Bridge.Check(status);
                GC.KeepAlive(this);
                return gradient == 0 ? null : new Tensor(gradient);
            }

            set
            {
                Bridge.Check(Bridge.nc_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Keeps the gradient of a tensor that isn't a leaf, too.</summary>
        public void retain_grad() => Run("aten::retain_grad", this);

        /// <summary>The same memory without its history.</summary>
        public Tensor detach() => Call("aten::detach", this);

        public Tensor detach_() => InPlace("aten::detach_", this);

        /// <summary>Adds the derivative of this scalar to the <see cref="grad"/> of every leaf it depends on.</summary>
        public void backward() => autograd.backward(this);

        /// <summary>The same with the gradient of the loss with respect to this tensor, of its shape, as <paramref name="grad_tensors"/>; a scalar needs none.</summary>
        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
