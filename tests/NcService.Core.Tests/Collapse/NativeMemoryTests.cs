using NcService.Core.Collapse;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class NativeMemoryTests
{
    [Fact]
    public void Collecting_deciding_and_measuring_leave_no_native_tensor_behind()
    {
        using var features = rand(64, 8);
        using var labels = randint(0, 50, [64], dtype: ScalarType.Int64);
        using var classifier = rand(50, 8);
        void Once()
        {
            using var accumulator = new ClassStatisticsAccumulator(50, 8);
            accumulator.Add(features, labels);
            using var statistics = accumulator.Finish();
            using var decisions = new DecisionAccumulator(statistics, classifier, new DecisionOptions { ClassTile = 7, Loss = true });
            decisions.Add(features, labels);
            CollapseMeasurements.Measure(statistics, classifier, decisions.Finish());
        }
        Once();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++) Once();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
