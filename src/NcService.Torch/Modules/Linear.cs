using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>x · weightᵀ + bias; weight is [out, in].</summary>
        public sealed class Linear : nn.Module<Tensor, Tensor>
        {
            [ComponentName(Name = nameof(weight))]
            private Parameter _weight;

            [ComponentName(Name = nameof(bias))]
            private Parameter? _bias;

            internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
            {
                (in_features, out_features) = (weight.shape[1], weight.shape[0]);
                _weight = (Parameter)weight.DetachFromDisposeScope();
                _bias = bias?.DetachFromDisposeScope() as Parameter;
                RegisterComponents();
            }

            internal Linear(long inputs, long outputs, bool hasBias, Device? device, ScalarType? dtype)
                : this(empty(outputs, inputs, dtype, device).AsParameter(), hasBias ? empty(outputs, dtype, device).AsParameter() : null)
            {
                nn.init.kaiming_uniform_(_weight, Math.Sqrt(5));
                var bound = inputs > 0 ? 1 / Math.Sqrt(inputs) : 0;
                if (_bias is not null) nn.init.uniform_(_bias, -bound, bound);
            }

            public long in_features { get; set; }

            public long out_features { get; set; }

            public Parameter weight
            {
                get => _weight;
                set
                {
                    if (value.Handle == _weight.handle) return;
                    _weight.Dispose();
                    ConditionallyRegisterParameter(nameof(weight), _weight = (Parameter)value.DetachFromDisposeScope());
                }
            }

            public Parameter? bias
            {
                get => _bias;
                set
                {
                    _bias?.Dispose();
                    ConditionallyRegisterParameter(nameof(bias), _bias = value?.DetachFromDisposeScope() as Parameter);
                }
            }

            public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight, _bias);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            public static Modules.Linear Linear(Modules.Parameter weight, Modules.Parameter? bias = null) => new(weight, bias);
        }
    }
}
