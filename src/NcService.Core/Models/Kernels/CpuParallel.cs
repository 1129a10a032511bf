using TorchSharp;

namespace NcService.Core.Models.Kernels;

/// <summary>Runs C# kernels on as many threads as torch itself uses.</summary>
internal static class CpuParallel
{
    private const int SharesPerThread = 32;

    /// <summary>Calls the body for 0 … count − 1, in no particular order.</summary>
    public static void For(long count, Action<long> body)
    {
        var threads = torch.get_num_threads();
        if (threads <= 1 || count <= 1)
        {
            for (var i = 0L; i < count; i++) body(i);
            return;
        }
        // Each thread takes the next few when it is done: none waits long for the last, and small bodies do not fight over the count.
        var (next, share) = (0L, Math.Max(1, count / (threads * SharesPerThread)));
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            for (var end = Interlocked.Add(ref next, share); end - share < count; end = Interlocked.Add(ref next, share))
            {
                for (var i = end - share; i < Math.Min(end, count); i++) body(i);
            }
        });
    }
}
