namespace NcService.Torch.Tests.Operators;

/// <summary>Random numbers are PyTorch's own from the same seed. The default generator is everybody's, so nothing runs beside this.</summary>
[CollectionDefinition(nameof(SeededOperatorTests), DisableParallelization = true)]
[Collection(nameof(SeededOperatorTests))]
public class SeededOperatorTests
{
    [Fact]
    public void Random_numbers_are_PyTorchs() =>
        OperatorCaseTests.Check(OperatorCase.All.SelectMany(group => group).Where(one => one.Seeded));
}
