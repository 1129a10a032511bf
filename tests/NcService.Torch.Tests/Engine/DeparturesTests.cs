using NcService.Torch.Tests.Operators;

namespace NcService.Torch.Tests;

public class DeparturesTests
{
    [TorchSharpFact("our own binding has no departures")]
    public void Nothing_is_left_out_that_TorchSharp_gets_right()
    {
        var cases = OperatorCase.All.SelectMany(group => group).SelectMany(one => OperatorOverload.Of(one).Select(overload => (one, overload))).ToList();
        var right = Departures.OfOperatorsHere.Where(entry => !cases.Exists(pair =>
            (entry == pair.overload.Signature || entry == pair.one.WithType)
            && Record.Exception(() => OperatorCaseTests.Check(pair.one, pair.overload, secondHandles: false)) is not null)).ToList();

        Assert.True(right.Count == 0, $"to be taken from the list: {string.Join("; ", right)}");
    }
}
