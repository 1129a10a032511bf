using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

public sealed class EstimatorTests
{
    [Fact]
    public void Kendall_is_the_pairs_counted_one_by_one() =>
        Prop.ForAll(
            (from n in Gen.Choose(2, 40) from x in Gen.Choose(-3, 3).ArrayOf(n) from y in Gen.Choose(0, 9).ArrayOf(n) select (x, y)).ToArbitrary(),
            columns =>
            {
                var (x, y) = columns;
                var (difference, untiedX, untiedY) = (0, 0, 0);
                for (var i = 0; i < x.Length; i++)
                {
                    for (var j = 0; j < i; j++)
                    {
                        difference += Math.Sign(x[i] - x[j]) * Math.Sign(y[i] - y[j]);
                        if (x[i] != x[j]) untiedX++;
                        if (y[i] != y[j]) untiedY++;
                    }
                }
                var tau = KendallTau.Of(Array.ConvertAll(x, value => (double)value), Array.ConvertAll(y, value => (double)value));
                return untiedX == 0 || untiedY == 0 ? tau is null : Math.Abs(tau!.Value - difference / Math.Sqrt((double)untiedX * untiedY)) < 1e-12;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Fisher_interval_covers_the_true_correlation_as_often_as_it_says()
    {
        // 1000 data sets of 21 rows with ρ = 0.5: 0.95 ± 0.021 is 3 σ.
        var random = new Random(31);
        var hits = 0;
        for (var i = 0; i < 1000; i++)
        {
            var (x, y) = Simulated.Pair(random, 21, 0.5);
            var interval = Correlation.Compute(x, y, interval: false).FisherInterval95!.Value;
            if (interval.Lower <= 0.5 && 0.5 <= interval.Upper) hits++;
        }
        Assert.InRange(hits, 929, 971);
    }

    [Fact]
    public void Transformed_columns_are_named_as_such_and_what_has_no_logarithm_is_left_out()
    {
        var (x, y) = Transformations.Apply(
            new Variable("cdnv", [1, 10, 100, 0, -3, 1000]), Transformation.Log, new Variable("val_loss", [4, 3, 2, 9, 9, double.NaN]), Transformation.Rank, HeldFixed.Nothing);
        Assert.Equal(("ln cdnv", "rank of val_loss"), (x.Name, y.Name));
        Assert.Equal([3.0, 2, 1], y.Values[..3]);
        var result = Correlation.Compute(x, y);
        Assert.Equal(-1, result.R!.Value, 14);
        Assert.Equal(
            [new LeftOutRow(3, "ln cdnv has no value"), new LeftOutRow(4, "ln cdnv has no value"), new LeftOutRow(5, "rank of val_loss has no value")], result.LeftOut);
    }

    [Fact]
    public void Pearson_of_ranks_is_Spearman()
    {
        var (a, b) = Simulated.Pair(new Random(32), 30, 0.4);
        (a[3], b[7]) = (double.NaN, double.NaN);
        var (x, y) = Transformations.Apply(new Variable("x", a), Transformation.Rank, new Variable("y", b), Transformation.Rank, HeldFixed.Nothing);
        Assert.Equal(Correlation.Spearman(a, b)!.Value, Correlation.Compute(x, y).R!.Value, 14);
    }

    [Fact]
    public void A_run_that_carries_the_correlation_alone_heads_the_influence()
    {
        double[] a = [0, 0.1, -0.1, 0.05, -0.05, 100];
        double[] b = [0.1, -0.1, 0, -0.05, 0.05, 100];
        var first = Correlation.LeaveOneOut(new Variable("x", a), new Variable("y", b), HeldFixed.Nothing)[0];
        Assert.Equal(5, first.Row);
        Assert.Equal(Correlation.Pearson(a.AsSpan(0, 5), b.AsSpan(0, 5))!.Value, first.RWithout!.Value, 12);
        // Without the last row x is constant: no number, and why.
        var undefined = Correlation.LeaveOneOut(new Variable("x", [1, 1, 1, 1, 2]), new Variable("y", [1, 2, 3, 4, 5]), HeldFixed.Nothing)[0];
        Assert.Equal((4, (double?)null, "x is constant over the rows"), (undefined.Row, undefined.RWithout, undefined.UndefinedReason));
    }

    [Fact]
    public void Stepwise_finds_what_was_planted_and_stops()
    {
        var random = new Random(33);
        double[] Noise() => Simulated.Pair(random, 60, 0).X;
        var (a, b) = (Noise(), Noise());
        var y = Noise().Select((noise, i) => a[i] + 0.6 * b[i] + 0.7 * noise).ToArray();
        // A shadow of a goes with y well, and adds nothing to it.
        var shadow = Noise().Select((noise, i) => a[i] + 0.8 * noise).ToArray();
        var sparse = Noise().Select((noise, i) => i < 20 ? double.NaN : noise).ToArray();
        Variable[] candidates = [new("shadow", shadow), new("a", a), new("b", b), new("noise", Noise()), new("sparse", sparse), new("flat", new double[60])];
        var result = StepwiseRegression.Run(candidates, new Variable("y", y), HeldFixed.Nothing, new PermutationTestOptions { Permutations = 4999 });
        Assert.Equal(["a", "b"], result.Steps.Where(step => step.Significant).Select(step => step.Measurement));
        Assert.False(result.Steps[^1].Significant);
        Assert.Equal(60, result.Count);
        Assert.Equal(["sparse", "flat"], result.SetAside.Select(one => one.Measurement));
        Assert.Equal("it has no value in 20 of 60 rows", result.SetAside[0].Reason);
        Assert.Equal(result.Steps[1].R2, result.Steps[0].DeltaR2 + result.Steps[1].DeltaR2, 12);
        Assert.Equal(Regression.Fit([candidates[1], candidates[2]], new Variable("y", y), HeldFixed.Nothing).LeaveOneOutR2, result.Steps[1].LeaveOneOutR2);
        Assert.True(result.Steps[1].LeaveOneOutR2 < result.Steps[1].R2);
        Assert.Contains("a (ΔR²", Reading.Of(result, "y").Shows, StringComparison.Ordinal);
    }

    [Fact]
    public void Choosing_the_best_of_many_by_looking_is_paid_for()
    {
        // 200 studies of 10 unrelated measurements: the p of the chosen one alone is small far too often, the p that knows of the choice is not.
        var random = new Random(34);
        var (alone, paid) = (0, 0);
        for (var i = 0; i < 200; i++)
        {
            Variable[] candidates = [.. Enumerable.Range(0, 10).Select(m => new Variable($"x{m}", Simulated.Pair(random, 21, 0).X))];
            var first = StepwiseRegression.Run(
                candidates, new Variable("y", Simulated.Pair(random, 21, 0).X), HeldFixed.Nothing, new PermutationTestOptions { Permutations = 499, MaximumThreads = 1 }, maximumSteps: 1).Steps[0];
            if (first.P <= 0.05) alone++;
            if (first.PSelected <= 0.05) paid++;
        }
        Assert.InRange(paid, 2, 20);
        Assert.True(alone > 50);
    }

    [Fact]
    public void Rows_that_repeat_another_are_found_to_the_last_bit()
    {
        double[][] columns = [[1, 2, 1, 1, double.NaN, double.NaN], [3, 4, 3, 3, 1, 1], [5, 6, 5, Math.BitIncrement(5), 2, 2], [7, 8, 7, 7, 3, 3]];
        Assert.Equal([(2, 0), (5, 4)], RepeatedRows.Find(columns));
        Assert.Empty(RepeatedRows.Find(columns[..2]));
    }

    [Fact]
    public void Readings_say_what_is_shown_and_what_is_not()
    {
        var (x, y) = Simulated.Pair(new Random(35), 21, 0.7);
        const string seeds = "21 runs that differ in nothing but the seed: 2 layers, d = 768";
        var result = Correlation.Compute(new Variable("cdnv", x), new Variable("val_loss", y));
        var reading = Reading.Of(result, "cdnv", "val_loss", seeds, []);
        Assert.StartsWith($"Over {seeds}: cdnv rises with val_loss (r = {result.R:0.00})", reading.Shows, StringComparison.Ordinal);
        Assert.Contains("seeds of one architecture", reading.DoesNotShow, StringComparison.Ordinal);
        Assert.Contains("hold scale fixed", Reading.Of(result, "cdnv", "val_loss", null, []).DoesNotShow, StringComparison.Ordinal);
        var undefined = Correlation.Compute([1, 1, 1], [1, 2, 3]);
        Assert.Equal("Nothing: x is constant over the rows.", Reading.Of(undefined, "x", "y", null, []).Shows);
        var test = PermutationTest.RunFamily([new Variable("cdnv", x)], new Variable("val_loss", y), HeldFixed.Nothing, new PermutationTestOptions { Permutations = 999 })[0];
        Assert.Contains("(999 permutations)", Reading.Of(test, "val_loss", seeds, 1).Shows, StringComparison.Ordinal);
    }
}
