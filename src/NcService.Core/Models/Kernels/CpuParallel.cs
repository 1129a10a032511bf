using TorchSharp;

namespace NcService.Core.Models.Kernels;

/// <summary>Runs C# kernels on as many threads as torch itself uses.</summary>
internal static class CpuParallel
{
    /// <summary>Calls the body for 0 … count − 1, in no particular order.</summary>
    public static void For(long count, Action<long> body)
    {
        var threads = torch.get_num_threads();
        if (threads <= 1 || count <= 1)
        {
            for (var i = 0L; i < count; i++) body(i);
            return;
        }
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
    }
}
