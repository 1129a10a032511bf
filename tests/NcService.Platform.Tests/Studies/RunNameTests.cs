using FsCheck;
using FsCheck.Fluent;
using NcService.Platform.Studies;

namespace NcService.Platform.Tests.Studies;

public sealed class RunNameTests
{
    [Theory]
    [InlineData("02x0768_01d07@0", 2, 768, 1, 0.0005, 7, 0)]
    [InlineData("12x1024_10L@9", 12, 1024, 10, 0.1, null, 9)]
    [InlineData("01x0064_03n", 1, 64, 3, 0.0, null, null)]
    [InlineData("04x0016_02w0.01s03", 4, 16, 2, 0.01, 3, null)]
    public void The_authors_names_are_read_and_written(string text, int depth, int width, int epochs, double decay, int? seed, int? checkpoint)
    {
        var name = RunName.TryParse(text)!;
        Assert.Equal((depth, width, epochs, decay, seed, checkpoint), (name.Depth, name.Width, name.Epochs, name.WeightDecay, name.Seed, name.Checkpoint));
        Assert.Equal(text, name.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("model-7")]
    [InlineData("02x0768")]
    [InlineData("02x0768_01q")]
    [InlineData("02x0768_01d07@0/../x")]
    [InlineData("99999999999x0768_01d")]
    public void Other_names_are_not(string text) => Assert.Null(RunName.TryParse(text));

    [Fact]
    public void What_is_written_is_read_again()
    {
        var names =
            from depth in Gen.Choose(1, 48)
            from width in Gen.Choose(1, 4096)
            from epochs in Gen.Choose(1, 100)
            from decay in Gen.Elements(0, 0.0005, 0.1, 0.01, 1e-5, 0.123456789)
            from seed in Gen.Choose(0, int.MaxValue / 4)
            select new RunName { Depth = depth, Width = width, Epochs = epochs, WeightDecay = decay, Seed = seed };
        Prop.ForAll(names.ToArbitrary(), name => Assert.Equal(name, RunName.TryParse(name.ToString()))).QuickCheckThrowOnFailure();
    }
}
