using NcService.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>How many threads one operator may use.</summary>
    public static int get_num_threads() => Bridge.nc_threads();

    public static void set_num_threads(int num) => Bridge.Check(Bridge.nc_set_threads(num));

    public static int get_num_interop_threads() => Bridge.nc_interop_threads();

    public static void set_num_interop_threads(int num) => Bridge.Check(Bridge.nc_set_interop_threads(num));
}
