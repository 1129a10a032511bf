using System.CommandLine;
using NcService.Core;
using NcService.Core.Statistics;

namespace NcService.Cli.Verbs;

/// <summary>How often to permute, from which seed: what every verb that permutes takes.</summary>
internal sealed class TestOptions
{
    /// <summary>A day's work on two cores; more is a slip of the keyboard.</summary>
    private const long MostPermutations = 1_000_000_000_000;

    private const long PermutationsWorthABar = 20_000_000;

    private readonly Option<long> _permutations = new("--permutations", "-b")
    {
        Description = "B, how often y is permuted; every arrangement is used once instead where there are no more than B",
        HelpName = "B",
        DefaultValueFactory = _ => 10_000,
    };

    private readonly Option<ulong> _seed = new("--seed") { Description = "Same seed, same p, on any machine", HelpName = "S" };

    private readonly Option<int?> _threads = new("--threads") { Description = "Threads to use; all cores unless given. Changes the time, never the result" };

    private readonly Option<Alternative> _alternative = EnumOption.Of("--alternative", "What counts as extreme; choose it before looking", Alternative.TwoSided);

    private readonly Option<double?> _decideLevel = new("--decide-level")
    {
        Description = "End before B once it is decided for every measurement on which side of this level p lies (wrong with probability 0.001 at most)",
        HelpName = "ALPHA",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _permutations, _seed, _threads, _alternative, _decideLevel }) command.Add(option);
    }

    public PermutationTestOptions Read(VerbInvocation verb)
    {
        var asked = verb.Get(_permutations);
        if (asked is < 1 or > MostPermutations) throw new InputException($"--permutations {asked} must lie between 1 and {MostPermutations}");
        if (verb.Get(_threads) is < 1) throw new InputException($"--threads {verb.Get(_threads)} must be at least 1");
        if (verb.Get(_decideLevel) is { } level && level is not (> 0 and < 1)) throw new InputException($"--decide-level {level} must lie between 0 and 1");
        return new PermutationTestOptions
        {
            Permutations = asked,
            Seed = verb.Get(_seed),
            MaximumThreads = verb.Get(_threads),
            Alternative = verb.Get(_alternative),
            DecideLevel = verb.Get(_decideLevel),
        };
    }

    /// <summary>Runs a test, with a progress bar where it is long.</summary>
    public static T RunWithBar<T>(VerbInvocation verb, PermutationTestOptions options, Func<PermutationTestOptions, T> run)
    {
        if (options.Permutations < PermutationsWorthABar) return run(options);
        return ProgressDisplay.Show(verb, display => run(options with
        {
            Progress = new ReportTo<long>(done => display.Report("permuting", (double)done / options.Permutations, $"{done:N0} of {options.Permutations:N0}")),
        }));
    }
}
