using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            DisposingThis(disposeAfter, Call("aten::to.dtype", this, type, non_blocking, copy));

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, torch.Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            DisposingThis(disposeAfter, Call("aten::to.device", this, InitializeDevice(device), type, non_blocking, copy));

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(dtype, new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(torch.Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(dtype, device, copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new torch.Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false)
        {
            ArgumentNullException.ThrowIfNull(other);
            return to(other.dtype, other.device, non_blocking: non_blocking);
        }

        public Tensor type(ScalarType dtype) => to(dtype);

        public Tensor type_as(Tensor tensor)
        {
            ArgumentNullException.ThrowIfNull(tensor);
            return to_type(tensor.dtype);
        }

        public Tensor cpu() => to(DeviceType.CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) =>
            device is null || device.type == DeviceType.CUDA
                ? to(device ?? new Device(DeviceType.CUDA), non_blocking: non_blocking)
                : throw new ArgumentException("Not a CUDA device.", nameof(device));

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @char() => to_type(ScalarType.Int8);

        public Tensor @short() => to_type(ScalarType.Int16);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        public Tensor alias() => Call("aten::alias", this);

        public Tensor clone() => Call("aten::clone", this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => InPlace("aten::copy_", this, source, nonBlocking);

        /// <summary>Makes this tensor share <paramref name="source"/>'s memory, shape and strides.</summary>
        public Tensor set_(Tensor source) => InPlace("aten::set_.source_Tensor", this, source);

        // Whether `to` would have to copy.
        internal bool toWillCopy(ScalarType type, Device device) =>
            type != dtype || device.type != device_type || (device.index >= 0 && device.index != device_index && device.type != DeviceType.CPU);

        private Tensor DisposingThis(bool disposeAfter, Tensor result)
        {
            if (disposeAfter) Dispose();
            return result;
        }
    }
}
