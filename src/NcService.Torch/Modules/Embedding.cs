using System.Diagnostics.CodeAnalysis;
using NcService.Torch.Interop;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Rows of a table, by whole-number indices.</summary>
        public sealed class Embedding : nn.Module<Tensor, Tensor>
        {
            private readonly long _padding;
            private readonly double? _maxNorm;
            private readonly double _normType;
            private readonly bool _scaleByFrequency;
            private readonly bool _sparse;

            [ComponentName(Name = nameof(weight))]
            private Parameter _weight;

            internal Embedding(Tensor table, long? padding, double? maxNorm, double normType, bool scaleByFrequency, bool sparse, bool trained = true) : base(nameof(Embedding))
            {
                _padding = padding is < 0 ? padding.Value + table.shape[0] : padding ?? -1;
                (_maxNorm, _normType, _scaleByFrequency, _sparse) = (maxNorm, normType, scaleByFrequency, sparse);
                _weight = (Parameter)new Parameter(table, trained).DetachFromDisposeScope();
                RegisterComponents();
            }

            [DisallowNull]
            public Parameter? weight
            {
                get => _weight;
                set => ConditionallyRegisterParameter(nameof(weight), _weight = (Parameter)value.DetachFromDisposeScope());
            }

            /// <summary>The rows that <paramref name="input"/> names, [..., d] for [...]; those longer than the norm allowed are first shortened in the table.</summary>
            public override Tensor forward(Tensor input)
            {
                if (_maxNorm is { } longest)
                {
                    using var frozen = no_grad();
                    using var whole = input.contiguous();
                    Operators.Run("aten::embedding_renorm_", _weight, whole, longest, _normType);
                }

                return Operators.Call("aten::embedding", _weight, input, _padding, _scaleByFrequency, _sparse);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A table of normal random numbers.</summary>
            public static Modules.Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                var table = randn(num_embeddings, embedding_dims, dtype, device);
                if (padding_idx is { } padding)
                {
                    using var row = table.select(0, padding);
                    row.zero_();
                }

                return new Modules.Embedding(table, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
            }

            public static Modules.Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                using var table = embeddings.to(dtype ?? embeddings.dtype, device ?? embeddings.device);
                return new Modules.Embedding(table.alias(), padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, !freeze);
            }
        }
    }
}
