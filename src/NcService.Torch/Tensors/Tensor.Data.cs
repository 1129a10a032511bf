using NcService.Torch.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements as raw memory of a contiguous CPU tensor of less than 2 GiB; valid while the tensor lives.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var length = ByteLength();
                return length == 0 ? default : new Span<byte>((void*)DataPointer(), length);
            }

            set
            {
                if (ByteLength() != value.Length)
                    throw new ArgumentException($"The tensor holds {ByteLength()} bytes, but {value.Length} were given.", nameof(value));
                value.CopyTo(bytes);
            }
        }

        /// <summary>The elements, in place for a CPU tensor; a copy for another device.</summary>
        /// <exception cref="ArgumentException"><typeparamref name="T"/> isn't the tensor's element type, or that is bfloat16, which .NET lacks.</exception>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(is_cpu() ? this : cpu());
        }

        /// <summary>The only element.</summary>
        /// <exception cref="ArgumentException">There isn't exactly one element, or it has another type.</exception>
        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            return data<T>()[0];
        }

        /// <summary>The only element, as a number.</summary>
        public Scalar ToScalar()
        {
            var value = Operators.CallValue("aten::item", this);
            return value.Kind switch
            {
                ValueKind.Real => value.Real.ToScalar(),
                ValueKind.Boolean => (value.Integer != 0).ToScalar(),
                _ => value.Integer.ToScalar(),
            };
        }

        public double ReadCpuDouble(long i) => TensorAccessor<double>.ReadItemAt(this, i);

        public float ReadCpuSingle(long i) => TensorAccessor<float>.ReadItemAt(this, i);

        public int ReadCpuInt32(long i) => TensorAccessor<int>.ReadItemAt(this, i);

        public long ReadCpuInt64(long i) => TensorAccessor<long>.ReadItemAt(this, i);

        public byte ReadCpuByte(long i) => TensorAccessor<byte>.ReadItemAt(this, i);

        public bool ReadCpuBool(long i) => TensorAccessor<bool>.ReadItemAt(this, i);

        public T ReadCpuValue<T>(long i) where T : unmanaged => TensorAccessor<T>.ReadItemAt(this, i);

        /// <summary>Writes the elements' bytes; the tensor is on the CPU and contiguous, and may be larger than 2 GiB.</summary>
        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            RequireContiguousOnCpu();
            var remaining = NumberOfElements * ElementSize;
            for (var data = (byte*)DataPointer(); remaining > 0;)
            {
                var length = (int)Math.Min(remaining, Math.Max(bufferSize, 1 << 20));
                stream.Write(new ReadOnlySpan<byte>(data, length));
                data += length;
                remaining -= length;
            }

            GC.KeepAlive(this);
        }

        /// <summary>Fills the elements from a stream's next bytes.</summary>
        /// <exception cref="EndOfStreamException">The stream ends before the tensor is full.</exception>
        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            RequireContiguousOnCpu();
            var remaining = NumberOfElements * ElementSize;
            for (var data = (byte*)DataPointer(); remaining > 0;)
            {
                var length = (int)Math.Min(remaining, Math.Max(bufferSize, 1 << 20));
                stream.ReadExactly(new Span<byte>(data, length));
                data += length;
                remaining -= length;
            }

            GC.KeepAlive(this);
        }

        internal nint DataPointer()
        {
            var data = Bridge.nc_data(Handle);
            if (data == 0 && NumberOfElements > 0) throw Bridge.Failure();
            return data;
        }

        internal void ValidateType(Type type)
        {
            var expected = dtype switch
            {
                ScalarType.Byte => typeof(byte),
                ScalarType.Int8 => typeof(sbyte),
                ScalarType.Int16 => typeof(short),
                ScalarType.Int32 => typeof(int),
                ScalarType.Int64 => typeof(long),
                ScalarType.Bool => typeof(bool),
                ScalarType.Float16 => typeof(Half),
                ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double),
                ScalarType.ComplexFloat32 => typeof((float, float)),
                ScalarType.ComplexFloat64 => typeof(System.Numerics.Complex),
                _ => null,
            };
            if (expected != type) throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
        }

        private int ByteLength()
        {
            RequireContiguousOnCpu();
            var length = NumberOfElements * ElementSize;
            return length <= int.MaxValue ? (int)length : throw new ArgumentException("Span only supports up to int.MaxValue elements.");
        }

        private void RequireContiguousOnCpu()
        {
            var description = Describe();
            if (description.IsContiguous == 0) throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
            if (description.DeviceType != (int)DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }
    }
}
