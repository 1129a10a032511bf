using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

/// <summary>The same code on a CUDA device gives what the CPU gives.</summary>
public class CudaTests
{
    [CudaFact]
    public void Tensors_go_there_and_back()
    {
        using var scope = NewDisposeScope();
        var x = randn(5, 7);
        var there = x.cuda();

        Assert.True(there.is_cuda);
        Assert.Equal((DeviceType.CUDA, 0), (there.device_type, there.device_index));
        Assert.Equal(x.data<float>().ToArray(), there.data<float>().ToArray());
        Assert.True(x.Equals(there.cpu()));
        Assert.True(zeros(2, device: CUDA).to("cpu").is_cpu());
    }

    [CudaFact]
    public void Products_reductions_and_gradients_are_the_CPUs()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn(33, 17, float64), randn(17, 9, float64));
        Tensor Gradient(string device)
        {
            var leaf = a.to(device, copy: true).requires_grad_();
            (leaf.matmul(b.to(device)).softmax(1) * arange(9, float64, device: device)).sum().backward();
            return leaf.grad!.cpu();
        }

        Assert.True(a.cuda().mm(b.cuda()).cpu().allclose(a.mm(b)));
        Assert.True(Gradient("cuda").allclose(Gradient("cpu")));
        Assert.Equal(a.argmax(1).data<long>().ToArray(), a.cuda().argmax(1).data<long>().ToArray());
    }

    [CudaFact]
    public void Training_step_is_the_CPUs()
    {
        double[] After(string device)
        {
            using var scope = NewDisposeScope();
            var weight = nn.Parameter(arange(6, float64, device: device).view(2, 3) / 10);
            using var optimizer = optim.AdamW([weight], lr: 0.1, weight_decay: 0.1);
            for (var i = 0; i < 3; i++)
            {
                optimizer.zero_grad();
                nn.functional.cross_entropy(weight, tensor(new long[] { 2, 0 }, device: device)).backward();
                optimizer.step();
            }

            return weight.detach().cpu().data<double>().ToArray();
        }

        foreach (var (there, here) in After("cuda").Zip(After("cpu"))) Assert.Equal(here, there, 10);
    }

    [CudaFact]
    public void Generator_of_the_device_has_a_state()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CUDA);
        var state = generator.get_state();
        var first = randn(5, device: CUDA, generator: generator);
        generator.set_state(state);

        Assert.True(first.Equals(randn(5, device: CUDA, generator: generator)));
        cuda.manual_seed(1);
        var drawn = rand(4, device: CUDA);
        cuda.manual_seed_all(1);
        Assert.True(drawn.Equals(rand(4, device: CUDA)));
    }

    [CudaFact]
    public void Mixed_devices_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsAny<Exception>(() => ones(2).cuda() + ones(2));
        cuda.synchronize();
    }
}

/// <summary>A test that needs a CUDA device and is skipped, with the reason printed, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() => Skip = cuda.is_available() ? null : "needs a CUDA device, and libtorch finds none here";
}
