using MathNet.Numerics;

namespace NcService.Core.Statistics;

/// <summary>
/// Robbins' confidence sequence of a share (1970, Ann. Math. Stat. 41, 1397; for Monte-Carlo tests: Ding, Gandy and Hahn 2020, Comput. Stat. 35,
/// 1373): the values p with (n + 1) · C(n, k) pᵏ (1 − p)ⁿ⁻ᵏ > ε. With probability 1 − ε the true share lies in all of these intervals at once, so one
/// may look as often as one likes and stop when it suits.
/// </summary>
internal static class ConfidenceSequence
{
    /// <summary>Probability that stopping early decides wrongly.</summary>
    public const double RiskOfDecision = 0.001;

    /// <summary>Whether the share is decided to lie on one side of the level.</summary>
    public static bool Excludes(double level, long successes, long trials) => LogWeight(level, successes, trials) <= Math.Log(RiskOfDecision);

    /// <summary>The interval that holds at every look at once with probability 0.95.</summary>
    public static Interval Interval95(long successes, long trials)
    {
        var share = (double)successes / trials;
        return new Interval(successes == 0 ? 0 : End(0, share, successes, trials), successes == trials ? 1 : End(1, share, successes, trials));
    }

    /// <summary>Bisects between a value outside the interval and the share, which is inside.</summary>
    private static double End(double outside, double inside, long successes, long trials)
    {
        for (var i = 0; i < 100; i++)
        {
            var middle = (outside + inside) / 2;
            if (LogWeight(middle, successes, trials) <= Math.Log(0.05)) outside = middle;
            else inside = middle;
        }
        return outside;
    }

    private static double LogWeight(double p, long successes, long trials)
    {
        if (p is <= 0 or >= 1) return (p <= 0 && successes == 0) || (p >= 1 && successes == trials) ? Math.Log(trials + 1.0) : double.NegativeInfinity;
        var combinations = SpecialFunctions.GammaLn(trials + 1.0) - SpecialFunctions.GammaLn(successes + 1.0) - SpecialFunctions.GammaLn(trials - successes + 1.0);
        return Math.Log(trials + 1.0) + combinations + successes * Math.Log(p) + (trials - successes) * Math.Log(1 - p);
    }
}
