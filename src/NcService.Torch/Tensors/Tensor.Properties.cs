using System.Globalization;
using System.Text;
using NcService.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public ScalarType dtype => (ScalarType)Describe().ScalarType;

        public DeviceType device_type => (DeviceType)Describe().DeviceType;

        public int device_index => Describe().DeviceIndex;

        public Device device => Describe() is { DeviceType: not 0 } other ? new((DeviceType)other.DeviceType, other.DeviceIndex) : new(DeviceType.CPU);

        public long Dimensions => Describe().DimensionCount;

        public long ndim => Describe().DimensionCount;

        public long NumberOfElements => Describe().ElementCount;

        public long ElementSize => Describe().ElementSize;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Describe().IsSparse != 0;

        public bool is_leaf => Describe().IsLeaf != 0;

        public unsafe long[] shape
        {
            get
            {
                var description = Describe();
                var sizes = new ReadOnlySpan<long>(description.Sizes, description.DimensionCount).ToArray();
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long dim() => Describe().DimensionCount;

        public long numel() => Describe().ElementCount;

        public long element_size() => Describe().ElementSize;

        public long storage_offset() => Describe().StorageOffset;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_contiguous() => Describe().IsContiguous != 0;

        /// <exception cref="InvalidOperationException">There isn't exactly one element.</exception>
        public bool is_nonzero() => numel() == 1
            ? Operators.CallValue("aten::is_nonzero", this).Integer != 0
            : throw new InvalidOperationException("is_nonzero() called on non-singleton tensor");

        public long[] size() => shape;

        public long size(int dim) => shape[Wrap(dim)];

        public unsafe long[] stride()
        {
            var description = Describe();
            if (description.Strides is null) throw new InvalidOperationException("A sparse tensor has no strides.");
            var strides = new ReadOnlySpan<long>(description.Strides, description.DimensionCount).ToArray();
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[Wrap(dim)];

        /// <summary>Shape, element type and device; <c>str()</c> prints the values.</summary>
        public override string ToString()
        {
            if (IsInvalid) return "";
            var text = new StringBuilder("[").AppendJoin('x', shape).Append(']');
            return text.Append(CultureInfo.InvariantCulture, $", type = {dtype}, device = {device}").ToString();
        }

        internal unsafe TensorDescription Describe()
        {
            TensorDescription description;
            Bridge.Check(Bridge.nc_describe(Handle, &description));
            GC.KeepAlive(this);
            return description;
        }

        private int Wrap(int dim)
        {
            var count = Describe().DimensionCount;
            // Out of range, libtorch throws and says what would be right.
            if (dim < -count || dim >= count) Operators.CallValue("aten::size.int", this, (long)dim);
            return dim < 0 ? dim + count : dim;
        }
    }
}
