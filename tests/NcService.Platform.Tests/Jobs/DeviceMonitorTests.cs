using NcService.Platform.Jobs;

namespace NcService.Platform.Tests.Jobs;

public sealed class DeviceMonitorTests
{
    // What nvidia-smi --query-gpu=index,memory.used,memory.total --format=csv,noheader,nounits prints for two devices.
    private const string TwoDevices = "0, 4, 81559\n1, 1024, 143771\n";

    [Theory]
    [InlineData("cuda:1", TwoDevices, "cuda:1", 1024L << 20, 143771L << 20)]
    [InlineData("auto", TwoDevices, "cuda:0", 4L << 20, 81559L << 20)]
    [InlineData("auto", "", "cpu", null, null)]
    [InlineData("cuda:2", TwoDevices, "cuda:2", null, null)]
    [InlineData("cuda:0", "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", "cuda:0", null, null)]
    [InlineData("cuda:0", "0, [N/A], 81559", "cuda:0", null, 81559L << 20)]
    public void A_device_is_found_among_what_the_driver_tells(string device, string told, string name, long? used, long? total)
    {
        var reading = DeviceMonitor.Parse(device, told);
        Assert.Equal((name, used, total), (reading.Device, reading.UsedBytes, reading.TotalBytes));
    }

    [Fact]
    public async Task A_node_on_the_CPU_asks_nobody() =>
        Assert.Equal(new DeviceReading("cpu", null, null), await new DeviceMonitor("cpu", TimeProvider.System).ReadAsync(default));
}
