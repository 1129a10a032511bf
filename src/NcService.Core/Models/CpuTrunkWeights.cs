using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>One block's parameters and gradients as the CPU trunk uses them: matrices as views for torch, vectors as addresses.</summary>
internal sealed unsafe class CpuTrunkWeights : IDisposable
{
    private readonly GptNeo _model;
    private readonly string _prefix;

    /// <summary>The parameters of a block.</summary>
    /// <param name="model">The model.</param>
    /// <param name="matrices">All parameters in the products' type.</param>
    /// <param name="layer">The block's number.</param>
    public CpuTrunkWeights(GptNeo model, Tensor matrices, int layer)
    {
        (_model, _prefix) = (model, $"transformer.h.{layer}.");
        Packed = new Matrix(this, matrices, "attn.attention.qkv_proj.weight");
        Out = new Matrix(this, matrices, "attn.attention.out_proj.weight");
        Expand = new Matrix(this, matrices, "mlp.c_fc.weight");
        Contract = new Matrix(this, matrices, "mlp.c_proj.weight");
    }

    public Matrix Packed { get; }

    public Matrix Out { get; }

    public Matrix Expand { get; }

    public Matrix Contract { get; }

    /// <summary>A vector parameter, float32.</summary>
    public float* Vector(string name) => CpuMemory.Floats(_model.FlatParameters).Pointer + _model.Layout[_prefix + name].Offset;

    /// <summary>Its gradient.</summary>
    public float* VectorGradient(string name) => CpuMemory.Floats(_model.EnableGradients()).Pointer + _model.Layout[_prefix + name].Offset;

    public void Dispose()
    {
        foreach (var matrix in (ReadOnlySpan<Matrix>)[Packed, Out, Expand, Contract]) matrix.Dispose();
    }

    /// <summary>A weight matrix [out, in] and its products.</summary>
    internal sealed class Matrix : IDisposable
    {
        private readonly CpuTrunkWeights _owner;
        private readonly ParameterSlot _slot;
        private readonly Tensor _weight;
        private readonly Tensor _transposed;
        private Tensor? _gradient;

        public Matrix(CpuTrunkWeights owner, Tensor matrices, string name)
        {
            using var scope = NewDisposeScope();
            _owner = owner;
            _slot = owner._model.Layout[owner._prefix + name];
            _weight = matrices.narrow(0, _slot.Offset, _slot.Count).view(_slot.Shape).DetachFromDisposeScope();
            _transposed = _weight.t().DetachFromDisposeScope();
        }

        /// <summary>output = input Wᵀ.</summary>
        public void Forward(Tensor input, Tensor output) => output.addmm_(input, _transposed, beta: 0, alpha: 1);

        /// <summary>inputGradient = outputGradient W, and W's gradient += outputGradientᵀ input.</summary>
        public void Backward(Tensor outputGradient, Tensor input, Tensor inputGradient)
        {
            using var scope = NewDisposeScope();
            _gradient ??= _owner._model.EnableGradients().narrow(0, _slot.Offset, _slot.Count).view(_slot.Shape).DetachFromDisposeScope();
            inputGradient.addmm_(outputGradient, _weight, beta: 0, alpha: 1);
            if (input.dtype == ScalarType.Float32) _gradient.addmm_(outputGradient.t(), input);
            else _gradient.add_(outputGradient.t().mm(input));
        }

        public void Dispose()
        {
            _weight.Dispose();
            _transposed.Dispose();
            _gradient?.Dispose();
        }
    }
}
