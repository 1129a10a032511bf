using NcService.Torch.Interop;

namespace TorchSharp;

/// <summary>Where a tensor's memory is; the numbers are libtorch's.</summary>
public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
    MKLDNN = 2,
    OPENGL = 3,
    OPENCL = 4,
    IDEEP = 5,
    HIP = 6,
    FPGA = 7,
    MSNPU = 8,
    XLA = 9,
    MPS = 13,
    META = 14,
}

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);

    public static readonly Device META = new(DeviceType.META);

    public static Device CUDA => InitializeDevice(new Device(DeviceType.CUDA));

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => new(DeviceType.CUDA, index);

    /// <summary>Whether a CUDA device can be used.</summary>
    public static bool cuda_is_available() => cuda.is_available();

    /// <exception cref="InvalidOperationException">There is no such device here.</exception>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
    {
        DeviceType.CPU or DeviceType.META => true,
        DeviceType.CUDA => cuda.is_available(),
        _ => false,
    };

    public static Device InitializeDevice(Device? device)
    {
        device ??= CPU;
        InitializeDeviceType(device.type);
        return device;
    }

    /// <summary>A device type and, where there may be several, which one.</summary>
    public class Device
    {
        public Device(string description)
        {
            var parts = description.Split(':');
            (type, index) = (Parse(parts[0]), parts.Length > 1 ? int.Parse(parts[1]) : -1);
        }

        public Device(string deviceType, int index = -1) => (type, this.index) = (Parse(deviceType), index);

        public Device(DeviceType deviceType, int index = -1) => (type, this.index) = (deviceType, index);

        public Device(int index) => (type, this.index) = (DeviceType.CUDA, index);

        public DeviceType type { get; }

        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString() =>
            type == DeviceType.CPU ? "cpu" : index == -1 ? type.ToString().ToLowerInvariant() : $"{type.ToString().ToLowerInvariant()}:{index}";

        private static DeviceType Parse(string name) => Enum.Parse<DeviceType>(name.ToUpperInvariant());
    }

    public static partial class cuda
    {
        /// <summary>How many CUDA devices can be used: 0 where libtorch was built without CUDA or there is no driver.</summary>
        public static int device_count() => Bridge.nc_cuda_device_count();

        public static bool is_available() => device_count() > 0;

        public static bool is_cudnn_available() => is_available() && Bridge.nc_cudnn_available() != 0;

        /// <summary>Seeds the current device's generator; does nothing where there is no device.</summary>
        public static void manual_seed(long seed)
        {
            if (is_available()) Bridge.Check(Bridge.nc_cuda_manual_seed((ulong)seed, -1));
        }

        /// <summary>Seeds the generators of all devices.</summary>
        public static void manual_seed_all(long seed)
        {
            for (var i = 0; i < device_count(); i++) Bridge.Check(Bridge.nc_cuda_manual_seed((ulong)seed, i));
        }

        /// <summary>Waits until the device has done all that it was given.</summary>
        public static void synchronize(Device? device = null)
        {
            InitializeDeviceType(DeviceType.CUDA);
            Bridge.Check(Bridge.nc_cuda_synchronize(device?.index ?? -1));
        }
    }
}
