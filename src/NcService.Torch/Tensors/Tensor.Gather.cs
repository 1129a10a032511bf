using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor select(long dim, long index) => Call("aten::select.int", this, dim, index);

        public Tensor narrow(long dim, long start, long length) => Call("aten::narrow", this, dim, start, length);

        public Tensor slice(long dim, long start, long finish, long step) => step >= 1
            ? Call("aten::slice.Tensor", this, dim, start, finish, step)
            : throw new ArgumentException($"step is {step}, but it should always be positive.", nameof(step));

        public Tensor index_select(long dim, Tensor index) => Call("aten::index_select", this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Call("aten::index_add", this, dim, Whole(index), source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            InPlace("aten::index_add_", this, dim, Whole(index), source, alpha);

        public Tensor index_copy(long dim, Tensor index, Tensor source) => Call("aten::index_copy", this, dim, Whole(index), source);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) => InPlace("aten::index_copy_", this, dim, Whole(index), source);

        public Tensor index_fill(long dim, Tensor index, Scalar value) => Call("aten::index_fill.int_Scalar", this, dim, Whole(index), value);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) => InPlace("aten::index_fill_.int_Scalar", this, dim, Whole(index), value);

        public Tensor gather(long dim, Tensor index) => Call("aten::gather", this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Call("aten::scatter.src", this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => InPlace("aten::scatter_.src", this, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Call("aten::scatter_add", this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => InPlace("aten::scatter_add_", this, dim, index, src);

        public Tensor take(Tensor index) => Call("aten::take", this, index);

        public Tensor take_along_dim(Tensor indices) => Call("aten::take_along_dim", this, indices);

        public Tensor take_along_dim(Tensor indices, long dim) => Call("aten::take_along_dim", this, indices, dim);

        public Tensor masked_fill(Tensor mask, Scalar value) => Call("aten::masked_fill.Scalar", this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => InPlace("aten::masked_fill_.Scalar", this, mask, value);

        public Tensor masked_scatter(Tensor mask, Tensor value) => Call("aten::masked_scatter", this, mask, value);

        public Tensor masked_scatter_(Tensor mask, Tensor value) => InPlace("aten::masked_scatter_", this, mask, value);

        public Tensor masked_select(Tensor mask) => Call("aten::masked_select", this, Mask(mask, "The mask tensor must be Boolean."));

        public Tensor nonzero() => Call("aten::nonzero", this);

        public Tensor argwhere() => Call("aten::argwhere", this);

        public Tensor where(Tensor condition, Tensor y) =>
            Call("aten::where.self", Mask(condition, "The condition to 'where' must be a boolean tensor."), this, y);

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var (output, inverse, counts) = dim is { } one
                ? Call3("aten::unique_dim", this, (long)one, sorted, return_inverse, return_counts)
                : Call3("aten::_unique2", this, sorted, return_inverse, return_counts);
            return (output, KeepIf(return_inverse, inverse), KeepIf(return_counts, counts));
        }

        private static Tensor Whole(Tensor index)
        {
            ArgumentNullException.ThrowIfNull(index);
            return index.dtype == ScalarType.Int64 ? index : throw new ArgumentException("Element type of 'index' must be 'Int64'", nameof(index));
        }

        private static Tensor Mask(Tensor mask, string message)
        {
            ArgumentNullException.ThrowIfNull(mask);
            return mask.dtype == ScalarType.Bool ? mask : throw new ArgumentException(message, nameof(mask));
        }

        private static Tensor? KeepIf(bool wanted, Tensor tensor)
        {
            if (wanted) return tensor;
            tensor.Dispose();
            return null;
        }
    }
}
