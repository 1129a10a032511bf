using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class MemoryTests
{
    private static readonly long[] s_labels = [1, 2, 3, 4, 5, 6, 7, 0];

    [Fact]
    public void Training_keeps_handles_and_memory_flat()
    {
        using var model = new TwoLayers();
        using var optimizer = optim.AdamW(model.parameters(), lr: 1e-3, weight_decay: 0.1);
        for (var i = 0; i < 200; i++) Step(model, optimizer);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var resident = ResidentBytes();
        for (var i = 0; i < 1500; i++) Step(model, optimizer);

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        // One leaked tensor of a step, 4 KiB of data, would be 6 MB by now; other tests run beside this one.
        Assert.InRange(ResidentBytes() - resident, long.MinValue, 64L << 20);
    }

    [Fact]
    public void Finalizer_frees_what_nobody_disposed()
    {
        var before = Tensor.TotalCount;
        Abandon(500);
        for (var i = 0; i < 20 && Tensor.TotalCount > before + 100; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(Tensor.TotalCount, 0, before + 400);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Abandon(int count)
    {
        for (var i = 0; i < count; i++) ones(16);
    }

    private static void Step(TwoLayers model, AdamW optimizer)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var loss = nn.functional.cross_entropy(model.call(rand(8, 32)), tensor(s_labels));
        loss.backward();
        nn.utils.clip_grad_norm_(model.parameters(), 1.0);
        optimizer.step();
    }

    private static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private sealed class TwoLayers : nn.Module<Tensor, Tensor>
    {
        private readonly Linear hidden = nn.Linear(32, 32);
        private readonly LayerNorm norm = nn.LayerNorm(32);
        private readonly Linear output = nn.Linear(32, 8);

        public TwoLayers() : base(nameof(TwoLayers)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(norm.call(nn.functional.gelu(hidden.call(input))));
    }
}
