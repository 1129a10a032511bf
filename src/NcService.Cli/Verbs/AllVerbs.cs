using System.CommandLine;

namespace NcService.Cli.Verbs;

/// <summary>The verbs in the order of the help text: local ones first.</summary>
internal static class AllVerbs
{
    public static IEnumerable<Command> Create() =>
    [
        DatasetPrepareVerb.Create(),
        StudyRunVerb.Create(),
        TrainVerb.Create(),
        EvaluateVerb.Create(),
        SampleVerb.Create(),
        AnalyseVerb.Create(),
        MeasureVerb.Create(),
        CorrelateVerb.Create(),
        PermutationTestVerb.Create(),
        RegressVerb.Create(),
        CompareVerb.Create(),
        SeedsVerb.Create(),
        ImportVerb.Create(),
        SubmitVerb.Create(),
        WaitVerb.Create(),
        GateVerb.Create(),
        BenchVerb.Create(),
    ];
}
