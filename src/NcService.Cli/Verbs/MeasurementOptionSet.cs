using System.CommandLine;
using NcService.Core.Collapse;

namespace NcService.Cli.Verbs;

/// <summary>The conventions of measurements, for every verb that measures.</summary>
internal sealed class MeasurementOptionSet
{
    private readonly Option<int> _minimumSamples = new("--min-samples")
    {
        Description = "Classes with fewer training samples are left out",
        HelpName = "m",
        DefaultValueFactory = _ => new MeasurementOptions().MinimumSamples,
    };

    private readonly Option<bool> _unbiased = new("--unbiased") { Description = "Variances with 1/(n−1); classes with one sample are then left out of cdnv" };

    private readonly Option<double> _rieszExponent = new("--riesz-exponent")
    {
        Description = "s of the Riesz kernel sign(s)‖u − u′‖^(−s)",
        HelpName = "s",
        DefaultValueFactory = _ => new MeasurementOptions().RieszExponent,
    };

    private readonly Option<long?> _pairSample = new("--pair-sample")
    {
        Description = "Draw so many pairs of classes at random instead of visiting all: estimates with 95 % intervals, no nearest classes and distributions",
        HelpName = "N",
    };

    private readonly Option<int> _pairSampleSeed = new("--pair-sample-seed") { Description = "Seed of that sample" };

    public void AddTo(Command command)
    {
        command.Add(_minimumSamples);
        command.Add(_unbiased);
        command.Add(_rieszExponent);
        command.Add(_pairSample);
        command.Add(_pairSampleSeed);
    }

    /// <summary>The options as given; refused where they have no meaning.</summary>
    public MeasurementOptions Read(VerbInvocation verb)
    {
        var options = new MeasurementOptions
        {
            MinimumSamples = verb.Get(_minimumSamples),
            Unbiased = verb.Get(_unbiased),
            RieszExponent = verb.Get(_rieszExponent),
            PairSample = verb.Get(_pairSample),
            PairSampleSeed = verb.Get(_pairSampleSeed),
        };
        options.Validate();
        return options;
    }
}
