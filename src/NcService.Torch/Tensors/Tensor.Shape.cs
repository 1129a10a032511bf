using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Call("aten::view", this, shape);

        public Tensor view_as(Tensor other) => Call("aten::view_as", this, other);

        public Tensor reshape(params long[] shape) => Call("aten::reshape", this, shape);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Call("aten::flatten.using_ints", this, start_dim, end_dim);

        public Tensor unflatten(long dim, params long[] sizes) =>
            view([.. shape[..Wrap((int)dim)], .. sizes, .. shape[(Wrap((int)dim) + 1)..]]);

        public Tensor ravel() => Call("aten::ravel", this);

        public Tensor transpose(long dim0, long dim1) => Call("aten::transpose.int", this, dim0, dim1);

        public Tensor transpose_(long dim0, long dim1) => InPlace("aten::transpose_", this, dim0, dim1);

        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor t() => Call("aten::t", this);

        public Tensor T => Call("aten::numpy_T", this);

        public Tensor mT => transpose(-2, -1);

        public Tensor permute(params long[] permutation) => Call("aten::permute", this, permutation);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        public Tensor movedim(long[] source, long[] destination) => Call("aten::movedim.intlist", this, source, destination);

        public Tensor moveaxis(long[] source, long[] destination) => movedim(source, destination);

        public Tensor contiguous() => Call("aten::contiguous", this);

        public Tensor unsqueeze(long dim) => Call("aten::unsqueeze", this, dim);

        public Tensor unsqueeze_(long dim) => InPlace("aten::unsqueeze_", this, dim);

        public Tensor squeeze(long? dim = null) => dim is { } one ? Call("aten::squeeze.dim", this, one) : Call("aten::squeeze", this);

        public Tensor squeeze_(long? dim = null) =>
            dim is { } one ? InPlace("aten::squeeze_.dim", this, one) : InPlace("aten::squeeze_", this);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => expand(sizes.ToArray(), isImplicit);

        public Tensor expand(long[] sizes, bool isImplicit = false) => Call("aten::expand", this, sizes, isImplicit);

        public Tensor expand(params long[] sizes) => expand(sizes, false);

        public Tensor expand_as(Tensor other) => Call("aten::expand_as", this, other);

        public Tensor broadcast_to(params long[] shape) => Call("aten::broadcast_to", this, shape);

        public Tensor repeat(params long[] sizes) => Call("aten::repeat", this, sizes);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Call("aten::repeat_interleave.self_Tensor", this, repeats, dim, output_size);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Call("aten::repeat_interleave.self_int", this, repeats, dim, output_size);

        public Tensor tile(long[] reps) => Call("aten::tile", this, reps);

        public Tensor flip(params long[] dims) => Call("aten::flip", this, dims);

        public Tensor roll(long[] shifts, long[] dims) => Call("aten::roll", this, shifts, dims);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L) =>
            Call("aten::as_strided", this, size, strides, storageOffset);

        public Tensor unfold(long dimension, long size, long step) => Call("aten::unfold", this, dimension, size, step);

        public Tensor tril(long diagonal = 0) => Call("aten::tril", this, diagonal);

        public Tensor tril_(long diagonal = 0) => InPlace("aten::tril_", this, diagonal);

        public Tensor triu(long diagonal = 0) => Call("aten::triu", this, diagonal);

        public Tensor triu_(long diagonal = 0) => InPlace("aten::triu_", this, diagonal);

        public Tensor diag(long diagonal = 0) => Call("aten::diag", this, diagonal);

        public Tensor diag_embed(long offset = 0L, long dim1 = -2L, long dim2 = -1L) => Call("aten::diag_embed", this, offset, dim1, dim2);

        public Tensor diagflat(long offset = 0) => Call("aten::diagflat", this, offset);

        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L) => dim1 != dim2
            ? Call("aten::diagonal", this, offset, dim1, dim2)
            : throw new ArgumentException($"Diagonal dimensions cannot be identical {dim1}, {dim2}", nameof(dim2));

        public Tensor[] unbind(long dimension = 0L) => CallList("aten::unbind.int", this, dimension);

        public Tensor[] split(long size, int dim = 0) => CallList("aten::split.Tensor", this, size, (long)dim);

        public Tensor[] split(long[] sizes, long dim = 0) => CallList("aten::split_with_sizes", this, sizes, dim);

        public Tensor[] chunk(long chunks, long dim = 0L) => CallList("aten::chunk", this, chunks, dim);
    }
}
