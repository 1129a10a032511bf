using NcService.Core.Models;
using NcService.Core.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101) with β 0.9 and 0.999, ε 1e-8, over a model's flat parameters, with clipping of the global gradient norm folded in.
/// On the CPU one sweep of SIMD code; elsewhere the same in torch operators.
/// </summary>
internal sealed class AdamW : IDisposable
{
    public const double Beta1 = 0.9;
    public const double Beta2 = 0.999;
    public const double Epsilon = 1e-8;

    private readonly GptNeo _model;
    private readonly Tensor _gradients;

    public AdamW(GptNeo model, double weightDecay, bool decayEverything = false)
    {
        _model = model;
        WeightDecay = weightDecay;
        DecayedLength = decayEverything ? model.Layout.Length : model.Layout.DecayedLength;
        _gradients = model.EnableGradients();
        using var noGrad = no_grad();
        FirstMoment = zeros_like(model.FlatParameters).DetachFromDisposeScope();
        SecondMoment = zeros_like(model.FlatParameters).DetachFromDisposeScope();
    }

    /// <summary>Running mean of the gradients, [P].</summary>
    public Tensor FirstMoment { get; }

    /// <summary>Running mean of their squares, [P].</summary>
    public Tensor SecondMoment { get; }

    private double WeightDecay { get; }

    private long DecayedLength { get; }

    private bool OnCpu => _gradients.device_type == DeviceType.CPU;

    /// <summary>The gradient's Euclidean norm over all parameters.</summary>
    public double GradientNorm()
    {
        if (OnCpu) return Math.Sqrt(AdamWKernel.SumOfSquares(CpuMemory.Floats(_gradients)));
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return _gradients.norm().item<float>();
    }

    /// <summary>One step from the gradients that lie in the model; they are zero afterwards.</summary>
    /// <param name="step">Steps done before this one.</param>
    /// <param name="learningRate">This step's.</param>
    /// <param name="gradientNorm">From <see cref="GradientNorm"/>.</param>
    /// <param name="clip">Largest norm; 0 never clips.</param>
    public void Step(long step, double learningRate, double gradientNorm, double clip)
    {
        // torch's clip_grad_norm_: max / (norm + 1e-6), never above 1.
        var gradientScale = clip > 0 ? Math.Min(1.0, clip / (gradientNorm + 1e-6)) : 1.0;
        var settings = new AdamWSettings(
            LearningRate: learningRate,
            GradientScale: gradientScale,
            FirstCorrection: 1 - Math.Pow(Beta1, step + 1),
            SecondCorrection: 1 - Math.Pow(Beta2, step + 1));
        if (OnCpu)
        {
            AdamWKernel.Run(
                CpuMemory.Floats(_model.FlatParameters), CpuMemory.Floats(_gradients), CpuMemory.Floats(FirstMoment), CpuMemory.Floats(SecondMoment),
                DecayedLength, WeightDecay, settings);
        }
        else
        {
            ComposedStep(settings);
        }
    }

    /// <summary>The step in torch operators, for other devices and as the kernel's twin in tests.</summary>
    internal void ComposedStep(AdamWSettings settings)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _gradients.mul_(settings.GradientScale);
        _model.FlatParameters.narrow(0, 0, DecayedLength).mul_(1 - settings.LearningRate * WeightDecay);
        FirstMoment.mul_(Beta1).add_(_gradients, alpha: 1 - Beta1);
        SecondMoment.mul_(Beta2).addcmul_(_gradients, _gradients, 1 - Beta2);
        var denominator = (SecondMoment.sqrt() / Math.Sqrt(settings.SecondCorrection)).add_(Epsilon);
        _model.FlatParameters.addcdiv_(FirstMoment, denominator, -settings.LearningRate / settings.FirstCorrection);
        _gradients.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}

/// <summary>What changes from step to step.</summary>
internal readonly record struct AdamWSettings(double LearningRate, double GradientScale, double FirstCorrection, double SecondCorrection);
