using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace NcService.Platform.Jobs;

/// <summary>What a node's device is and how full: asked of nvidia-smi, since the node itself never loads the tensor engine.</summary>
internal sealed class DeviceMonitor(string device, TimeProvider time)
{
    private const long Mebibyte = 1 << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private (long Timestamp, DeviceReading Reading)? latest;

    /// <summary>A reading, at most 15 s old.</summary>
    public async Task<DeviceReading> ReadAsync(CancellationToken cancellationToken)
    {
        if (device == "cpu") return new DeviceReading("cpu", null, null);
        if (latest is { } known && time.GetElapsedTime(known.Timestamp) < Interval) return known.Reading;
        var reading = Parse(device, await AskAsync(cancellationToken));
        latest = (time.GetTimestamp(), reading);
        return reading;
    }

    /// <summary>Finds the device among lines <c>index, used MiB, all MiB</c>; without any, <c>auto</c> is the CPU.</summary>
    internal static DeviceReading Parse(string device, string lines)
    {
        var wanted = device.StartsWith("cuda:", StringComparison.Ordinal) ? device["cuda:".Length..] : "0";
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != 3 || fields[0] != wanted) continue;
            return new DeviceReading($"cuda:{wanted}", Bytes(fields[1]), Bytes(fields[2]));
        }
        return new DeviceReading(device == "auto" ? "cpu" : device, null, null);

        static long? Bytes(string mebibytes) => long.TryParse(mebibytes, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number * Mebibyte : null;
    }

    private static async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            string[] arguments = ["--query-gpu=index,memory.used,memory.total", "--format=csv,noheader,nounits"];
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            try
            {
                return await process.StandardOutput.ReadToEndAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                process.Kill();
                return "";
            }
        }
        catch (Win32Exception)
        {
            // No such program: no NVIDIA driver on this machine.
            return "";
        }
    }
}

/// <summary>A device at one moment.</summary>
/// <param name="Device">cpu or cuda:N.</param>
/// <param name="UsedBytes">Its memory in use.</param>
/// <param name="TotalBytes">Its memory.</param>
internal sealed record DeviceReading(string Device, long? UsedBytes, long? TotalBytes);
