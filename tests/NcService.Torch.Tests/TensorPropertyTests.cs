using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class TensorPropertyTests
{
    [Fact]
    public void Tensor_tells_its_layout()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3, 4, dtype: float64);
        var view = x[1].t();

        Assert.Equal((3, 3, 24, 24), (x.dim(), x.ndim, x.numel(), x.NumberOfElements));
        Assert.Equal((2, 12, 8), (view.Dimensions, view.storage_offset(), view.element_size()));
        Assert.Equal([4, 3], view.size());
        Assert.Equal([1, 4], view.stride());
        Assert.Equal((3, 4, 1), (view.size(-1), view.stride(1), view.stride(-2)));
        Assert.True(x.is_contiguous());
        Assert.False(view.is_contiguous());
        Assert.Throws<ExternalException>(() => view.size(2));
        Assert.Throws<ExternalException>(() => view.stride(-3));
    }

    [Theory]
    [InlineData(ScalarType.Bool, true, false, 1)]
    [InlineData(ScalarType.Byte, true, false, 1)]
    [InlineData(ScalarType.Int32, true, false, 4)]
    [InlineData(ScalarType.Int64, true, false, 8)]
    [InlineData(ScalarType.BFloat16, false, true, 2)]
    [InlineData(ScalarType.Float32, false, true, 4)]
    [InlineData(ScalarType.Float64, false, true, 8)]
    [InlineData(ScalarType.ComplexFloat64, false, false, 16)]
    public void Types_are_told_apart(ScalarType type, bool whole, bool floating, int size)
    {
        using var made = zeros(1, type);

        Assert.Equal((whole, floating, !whole && !floating), (made.is_integral(), made.is_floating_point(), made.is_complex()));
        Assert.Equal((whole, floating, !whole && !floating), (is_integral(type), is_floating_point(type), is_complex(type)));
        Assert.Equal((whole, floating, !whole && !floating), (is_integral(made), is_floating_point(made), is_complex(made)));
        Assert.Equal((size, size), (made.element_size(), type.ElementSize()));
    }

    [Fact]
    public void Only_zero_is_not_nonzero()
    {
        using var scope = NewDisposeScope();
        Assert.True(tensor(-1.5).is_nonzero());
        Assert.False(tensor(0L).is_nonzero());
        Assert.Throws<InvalidOperationException>(() => ones(2).is_nonzero());
    }

    [Fact]
    public void Devices_are_described_as_in_PyTorch()
    {
        Assert.Equal("cpu", device("cpu").ToString());
        Assert.Equal((DeviceType.CUDA, 1, "cuda:1"), (new Device("cuda:1").type, new Device("cuda", 1).index, new Device(1).ToString()));
        Assert.Equal((DeviceType.CUDA, 3), (device(3).type, device(3).index));
        Assert.Equal(DeviceType.CPU, device(DeviceType.CPU).type);
        Assert.Equal(DeviceType.META, InitializeDevice(META).type);
        Assert.True(TryInitializeDeviceType(DeviceType.CPU));
        Assert.Equal(cuda.is_available(), TryInitializeDeviceType(DeviceType.CUDA));
        Assert.Equal(cuda_is_available(), cuda.device_count() > 0);
        using var made = ones(2);
        Assert.True(made.is_cpu());
        Assert.False(made.is_cuda);
        Assert.Equal("cpu", made.device.ToString());
    }

    [Fact]
    public void Tensor_without_memory_has_a_shape()
    {
        using var scope = NewDisposeScope();
        var ghost = ones(3, 4, device: META);

        Assert.True(ghost.is_meta);
        Assert.Equal([3, 5], ghost.mm(ones(4, 5, device: META)).shape);
        Assert.ThrowsAny<Exception>(() => ghost.data<float>()[0]);
    }

    [Fact]
    public void Number_of_threads_can_be_set()
    {
        var before = get_num_threads();
        set_num_threads(1);
        Assert.Equal(1, get_num_threads());
        set_num_threads(before);
        Assert.Equal(before, get_num_threads());
        Assert.InRange(get_num_interop_threads(), 1, 1024);
    }
}
