using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class ThreadingTests
{
    [Fact]
    public void Threads_have_their_own_scopes_and_gradient_modes()
    {
        using var barrier = new Barrier(2);
        var failures = new List<Exception>();
        Thread Start(int number) => Run(failures, () =>
        {
            for (var i = 0; i < 200; i++)
            {
                using var scope = NewDisposeScope();
                using var mode = set_grad_enabled(number == 0);
                barrier.SignalAndWait(TimeSpan.FromSeconds(30));
                var x = full(8, number + 1.0, float64).requires_grad_();
                var y = (x * x).sum();
                Assert.Equal(number == 0, y.requires_grad);
                Assert.Equal(8.0 * (number + 1) * (number + 1), y.ToDouble());
                if (number == 0) y.backward();
            }
        });

        var threads = new[] { Start(0), Start(1) };
        foreach (var thread in threads) thread.Join();

        Assert.Empty(failures);
    }

    private static Thread Run(List<Exception> failures, Action action)
    {
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                lock (failures) failures.Add(error);
            }
        });
        thread.Start();
        return thread;
    }
}
