using NcService.Core.Training;

namespace NcService.Core.Tests.Training;

public sealed class TrainingScheduleTests
{
    [Fact]
    public void Every_epoch_takes_every_chunk_once_in_an_order_of_its_own()
    {
        var schedule = new TrainingSchedule(new TrainingOptions { Epochs = 3, BatchSize = 4, Seed = 7 }, chunkCount: 10);
        Assert.Equal((3, 9L), (schedule.StepsPerEpoch, schedule.TotalSteps));
        var epochs = Enumerable.Range(0, 3).Select(epoch => Enumerable.Range(epoch * 3, 3).SelectMany(step => schedule.ChunksOf(step).ToArray()).ToArray()).ToArray();
        Assert.All(epochs, epoch => Assert.Equal(Enumerable.Range(0, 10), epoch.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[1], epochs[2]);
        Assert.Equal(2, schedule.ChunksOf(2).Length);
    }

    [Fact]
    public void Learning_rate_falls_linearly_from_the_first_step_to_zero_after_the_last()
    {
        var schedule = new TrainingSchedule(new TrainingOptions { Epochs = 1, BatchSize = 1, LearningRate = 0.005, MaximumSteps = 5 }, chunkCount: 100);
        Assert.Equal([0.005, 0.004, 0.003, 0.002, 0.001], Enumerable.Range(0, 5).Select(step => Math.Round(schedule.LearningRateOf(step), 12)));
        Assert.Equal(0, schedule.LearningRateOf(5));
    }

    [Fact]
    public void No_chunks_are_an_input_fault() => Assert.Throws<InputException>(() => new TrainingSchedule(new TrainingOptions(), 0));

    [Theory]
    [InlineData("Epochs")]
    [InlineData("BatchSize")]
    [InlineData("LearningRate")]
    [InlineData("WeightDecay")]
    [InlineData("MaximumSteps")]
    public void Options_out_of_range_are_named(string name)
    {
        var options = name switch
        {
            "Epochs" => new TrainingOptions { Epochs = 0 },
            "BatchSize" => new TrainingOptions { BatchSize = 0 },
            "LearningRate" => new TrainingOptions { LearningRate = double.NaN },
            "WeightDecay" => new TrainingOptions { WeightDecay = -1 },
            _ => new TrainingOptions { MaximumSteps = 0 },
        };
        Assert.Contains(name, Assert.Throws<InputException>(options.Check).Message, StringComparison.Ordinal);
    }
}
