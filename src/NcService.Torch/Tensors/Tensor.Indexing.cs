using System.Runtime.CompilerServices;
using NcService.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => index(Singles(i1));
            set => index_put_(value, Singles(i1));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(Singles(i1, i2));
            set => index_put_(value, Singles(i1, i2));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(Singles(i1, i2, i3));
            set => index_put_(value, Singles(i1, i2, i3));
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => index(Singles(indices));
            set => index_put_(value, Singles(indices));
        }

        /// <summary>As t[...] in Python: a view, or a copy where a tensor is among the indices.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            using var scope = NewDisposeScope();
            var (view, tensors) = ApplyViews(indices);
            var result = tensors is null ? view : Operators.Call("aten::index.Tensor", view, tensors);
            return (ReferenceEquals(result, this) ? alias() : result).MoveToOuterDisposeScope();
        }

        public Tensor index(params Tensor[] indices) => index(AsIndices(indices));

        /// <summary>As t[...] = value in Python, in place.</summary>
        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            using var scope = NewDisposeScope();
            var (view, tensors) = ApplyViews(indices);
            if (tensors is null) view.copy_(value);
            else Operators.Run("aten::index_put_", view, tensors, value);
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, AsIndices(indices));

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using Tensor filler = Operators.Call("aten::full", Array.Empty<long>(), value, dtype, Argument.None, device);
            return index_put_(filler, indices);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value, AsIndices(indices));

        private static TensorIndex[] Singles(params long[] indices) => Array.ConvertAll(indices, static index => TensorIndex.Single(index));

        private static TensorIndex[] AsIndices(Tensor[] indices) => Array.ConvertAll(indices, TensorIndex.Tensor);

        // Numbers, slices, None and the ellipsis become views; what tensors there are is left for aten::index, one for each
        // dimension of the view (null for a dimension that stays whole).
        private (Tensor View, Tensor?[]? Tensors) ApplyViews(TensorIndex[] indices)
        {
            var view = this;
            var dimension = 0L;
            List<Tensor?>? tensors = null;
            for (var i = 0; i < indices.Length; i++)
            {
                var index = indices[i];
                switch (index.kind)
                {
                    case TensorIndex.Kind.Single:
                        view = view.select(dimension, index.startIndexOrBoolOrSingle!.Value);
                        break;
                    case TensorIndex.Kind.Slice:
                        view = Operators.Call("aten::slice.Tensor", view, dimension++, index.startIndexOrBoolOrSingle, index.stopIndex, index.step ?? 1);
                        break;
                    case TensorIndex.Kind.None or TensorIndex.Kind.Null:
                        view = view.unsqueeze(dimension++);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        dimension = view.dim() - DimensionsTaken(indices.AsSpan(i + 1));
                        break;
                    case TensorIndex.Kind.Bool:
                        view = view.unsqueeze(dimension);
                        Place(ref tensors, dimension++, torch.tensor(new[] { index.startIndexOrBoolOrSingle == 1 }));
                        break;
                    default:
                        Place(ref tensors, dimension, index.tensor!);
                        dimension += IsMask(index.tensor!) ? index.tensor!.dim() : 1;
                        break;
                }
            }

            return (view, tensors?.ToArray());
        }

        // A mask of n dimensions is one entry for aten::index but takes n of the view's dimensions: those before it that
        // stay whole are counted in entries, masks expanded to their coordinates.
        private static void Place(ref List<Tensor?>? tensors, long dimension, Tensor tensor)
        {
            tensors ??= [];
            while (tensors.Count < dimension) tensors.Add(null);
            if (IsMask(tensor)) tensors.AddRange(tensor.nonzero().unbind(1));
            else tensors.Add(tensor);
        }

        private static bool IsMask(Tensor tensor) => tensor.dtype is ScalarType.Bool;

        private static long DimensionsTaken(ReadOnlySpan<TensorIndex> indices)
        {
            var taken = 0L;
            foreach (var index in indices)
            {
                taken += index.kind switch
                {
                    TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                    TensorIndex.Kind.Tensor => IsMask(index.tensor!) ? index.tensor!.dim() : 1,
                    _ => 0,
                };
            }

            return taken;
        }
    }
}
