using System.Diagnostics.CodeAnalysis;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Rows of a table, by whole-number indices.</summary>
        public sealed class Embedding : nn.Module<Tensor, Tensor>
        {
            private readonly long? _padding;
            private readonly bool _scaleByFrequency;

            [ComponentName(Name = nameof(weight))]
            private Parameter _weight;

            internal Embedding(Tensor table, long? padding, bool scaleByFrequency, bool trained = true) : base(nameof(Embedding))
            {
                (_padding, _scaleByFrequency) = (padding, scaleByFrequency);
                _weight = (Parameter)new Parameter(table, trained).DetachFromDisposeScope();
                RegisterComponents();
            }

            [DisallowNull]
            public Parameter? weight
            {
                get => _weight;
                set => ConditionallyRegisterParameter(nameof(weight), _weight = (Parameter)value.DetachFromDisposeScope());
            }

            public override Tensor forward(Tensor input) =>
                NcService.Torch.Interop.Operators.Call("aten::embedding", _weight, input, _padding ?? -1, _scaleByFrequency, false);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A table of normal random numbers.</summary>
            /// <exception cref="NotSupportedException">For <paramref name="max_norm"/> and <paramref name="sparse"/>, which this binding leaves out.</exception>
            public static Modules.Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                RefuseRarities(max_norm, sparse);
                var table = randn(num_embeddings, embedding_dims, dtype, device);
                if (padding_idx is { } padding)
                {
                    using var row = table.select(0, padding);
                    row.zero_();
                }

                return new Modules.Embedding(table, padding_idx, scale_grad_by_freq);
            }

            public static Modules.Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                RefuseRarities(max_norm, sparse);
                return new Modules.Embedding(embeddings.to(dtype ?? embeddings.dtype, device ?? embeddings.device).alias(), padding_idx, scale_grad_by_freq, !freeze);
            }

            private static void RefuseRarities(double? max_norm, bool sparse)
            {
                if (max_norm is not null || sparse) throw new NotSupportedException("Embeddings with max_norm or sparse gradients are not part of this binding.");
            }
        }
    }
}
