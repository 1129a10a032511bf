using NcService.Core.Models.Kernels;

namespace NcService.Core.Tests.Models;

public sealed class CpuParallelTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(100_001)]
    public void Every_number_comes_once(int count)
    {
        var calls = new int[count];
        CpuParallel.For(count, i => Interlocked.Increment(ref calls[i]));
        Assert.All(calls, call => Assert.Equal(1, call));
    }

    [Fact]
    public void A_fault_in_one_call_reaches_the_caller() =>
        Assert.ThrowsAny<Exception>(() => CpuParallel.For(500, i =>
        {
            if (i == 333) throw new InvalidOperationException("one");
        }));
}
