using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Training;

namespace NcService.Core.Tests.Training;

public sealed class DataOrderTests
{
    // From an independent implementation (Python integers).
    [Theory]
    [InlineData(0, 0, "4 9 2 5 1 7 6 0 3 8")]
    [InlineData(1, 0, "2 5 9 3 6 1 8 7 0 4")]
    [InlineData(1, 1, "0 5 1 6 7 8 3 2 9 4")]
    [InlineData(-1, 2, "5 6 4 8 9 3 7 2 1 0")]
    public void Permutation_is_the_same_on_any_machine(int seed, int epoch, string expected) =>
        Assert.Equal(expected, string.Join(' ', DataOrder.Permutation(10, seed, epoch)));

    [Fact]
    public void Permutation_holds_every_index_once() => Prop.ForAll<NonNegativeInt, int>((count, seed) =>
        DataOrder.Permutation(count.Get, seed, 3).Order().SequenceEqual(Enumerable.Range(0, count.Get))).QuickCheckThrowOnFailure();

    [Fact]
    public void First_places_are_uniform()
    {
        var counts = new int[8];
        for (var seed = 0; seed < 8000; seed++) counts[DataOrder.Permutation(8, seed, 0)[0]]++;
        // χ² with 7 degrees of freedom: 24.3 is the 0.1 % point.
        Assert.True(counts.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000) < 24.3);
    }
}
