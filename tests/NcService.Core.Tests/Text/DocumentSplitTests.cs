using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Text;

namespace NcService.Core.Tests.Text;

public class DocumentSplitTests
{
    [Fact]
    public void The_share_is_exact_to_one_document_and_no_split_is_empty()
    {
        var cases = Gen.Choose(2, 3000).Zip(Gen.Choose(1, 999).Select(value => value / 1000.0)).Zip(Gen.Choose(int.MinValue, int.MaxValue)).ToArbitrary();

        Prop.ForAll(cases, one =>
        {
            var ((count, fraction), seed) = one;
            var validation = DocumentSplit.ChooseValidation(count, fraction, seed).Count(flag => flag);
            return Math.Abs(validation - fraction * count) <= 1 && validation >= 1 && validation < count;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_same_seed_gives_the_same_split_and_another_seed_another()
    {
        var first = DocumentSplit.ChooseValidation(1000, 0.1, seed: 7);

        Assert.Equal(first, DocumentSplit.ChooseValidation(1000, 0.1, seed: 7));
        Assert.NotEqual(first, DocumentSplit.ChooseValidation(1000, 0.1, seed: 8));
    }

    [Fact]
    public void The_split_stays_what_it_was_in_earlier_versions()
    {
        // Worked out apart from this code: SplitMix64 of (seed << 32) + index + 1 times the golden constant, the two smallest of ten.
        var validates = DocumentSplit.ChooseValidation(10, 0.2, seed: 42);

        Assert.Equal([0, 9], Enumerable.Range(0, 10).Where(i => validates[i]));
    }

    [Fact]
    public void Documents_validate_equally_often_wherever_they_stand()
    {
        var hits = new int[50];
        for (var seed = 0; seed < 4000; seed++)
        {
            var validates = DocumentSplit.ChooseValidation(50, 0.2, seed);
            for (var i = 0; i < 50; i++) hits[i] += validates[i] ? 1 : 0;
        }
        // Binomial(4000, 0.2): mean 800, standard deviation 25; five of those.
        Assert.All(hits, count => Assert.InRange(count, 675, 925));
    }
}
