using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        // Each element by itself; a name that ends in _ changes the tensor in place and returns it.
        public Tensor abs() => Call("aten::abs", this);

        public Tensor abs_() => InPlace("aten::abs_", this);

        public Tensor ceil() => Call("aten::ceil", this);

        public Tensor ceil_() => InPlace("aten::ceil_", this);

        public Tensor floor() => Call("aten::floor", this);

        public Tensor floor_() => InPlace("aten::floor_", this);

        public Tensor trunc() => Call("aten::trunc", this);

        public Tensor trunc_() => InPlace("aten::trunc_", this);

        public Tensor frac() => Call("aten::frac", this);

        public Tensor frac_() => InPlace("aten::frac_", this);

        public Tensor neg() => Call("aten::neg", this);

        public Tensor neg_() => InPlace("aten::neg_", this);

        public Tensor exp() => Call("aten::exp", this);

        public Tensor exp_() => InPlace("aten::exp_", this);

        public Tensor exp2() => Call("aten::exp2", this);

        public Tensor expm1() => Call("aten::expm1", this);

        public Tensor expm1_() => InPlace("aten::expm1_", this);

        public Tensor log() => Call("aten::log", this);

        public Tensor log_() => InPlace("aten::log_", this);

        public Tensor log2() => Call("aten::log2", this);

        public Tensor log2_() => InPlace("aten::log2_", this);

        public Tensor log10() => Call("aten::log10", this);

        public Tensor log10_() => InPlace("aten::log10_", this);

        public Tensor log1p() => Call("aten::log1p", this);

        public Tensor log1p_() => InPlace("aten::log1p_", this);

        public Tensor sqrt() => Call("aten::sqrt", this);

        public Tensor sqrt_() => InPlace("aten::sqrt_", this);

        public Tensor rsqrt() => Call("aten::rsqrt", this);

        public Tensor rsqrt_() => InPlace("aten::rsqrt_", this);

        public Tensor reciprocal() => Call("aten::reciprocal", this);

        public Tensor reciprocal_() => InPlace("aten::reciprocal_", this);

        public Tensor sign() => Call("aten::sign", this);

        public Tensor sign_() => InPlace("aten::sign_", this);

        public Tensor sgn() => Call("aten::sgn", this);

        public Tensor sgn_() => InPlace("aten::sgn_", this);

        public Tensor sin() => Call("aten::sin", this);

        public Tensor sin_() => InPlace("aten::sin_", this);

        public Tensor cos() => Call("aten::cos", this);

        public Tensor cos_() => InPlace("aten::cos_", this);

        public Tensor tan() => Call("aten::tan", this);

        public Tensor tan_() => InPlace("aten::tan_", this);

        public Tensor asin() => Call("aten::asin", this);

        public Tensor asin_() => InPlace("aten::asin_", this);

        public Tensor acos() => Call("aten::acos", this);

        public Tensor acos_() => InPlace("aten::acos_", this);

        public Tensor atan() => Call("aten::atan", this);

        public Tensor atan_() => InPlace("aten::atan_", this);

        public Tensor sinh() => Call("aten::sinh", this);

        public Tensor sinh_() => InPlace("aten::sinh_", this);

        public Tensor cosh() => Call("aten::cosh", this);

        public Tensor cosh_() => InPlace("aten::cosh_", this);

        public Tensor tanh() => Call("aten::tanh", this);

        public Tensor tanh_() => InPlace("aten::tanh_", this);

        public Tensor sigmoid() => Call("aten::sigmoid", this);

        public Tensor sigmoid_() => InPlace("aten::sigmoid_", this);

        public Tensor relu() => Call("aten::relu", this);

        public Tensor relu_() => InPlace("aten::relu_", this);

        public Tensor erf() => Call("aten::erf", this);

        public Tensor erf_() => InPlace("aten::erf_", this);

        public Tensor erfc() => Call("aten::erfc", this);

        public Tensor erfc_() => InPlace("aten::erfc_", this);

        public Tensor erfinv() => Call("aten::erfinv", this);

        public Tensor erfinv_() => InPlace("aten::erfinv_", this);

        public Tensor logical_not() => Call("aten::logical_not", this);

        public Tensor logical_not_() => InPlace("aten::logical_not_", this);

        public Tensor bitwise_not() => Call("aten::bitwise_not", this);

        public Tensor bitwise_not_() => InPlace("aten::bitwise_not_", this);

        public Tensor lgamma() => Call("aten::lgamma", this);

        public Tensor lgamma_() => InPlace("aten::lgamma_", this);

        public Tensor digamma() => Call("aten::digamma", this);

        public Tensor digamma_() => InPlace("aten::digamma_", this);

        public Tensor silu() => Call("aten::silu", this);

        public Tensor silu_() => InPlace("aten::silu_", this);

        public Tensor arcsinh() => Call("aten::asinh", this);

        public Tensor arccosh() => Call("aten::acosh", this);

        public Tensor arctanh() => Call("aten::atanh", this);

        public Tensor absolute() => abs();

        public Tensor negative() => neg();

        public Tensor square() => pow(2);

        public Tensor fix() => trunc();

        public Tensor round(long decimals = 0L) => Call("aten::round.decimals", this, decimals);

        public Tensor round_(long decimals = 0L) => InPlace("aten::round_.decimals", this, decimals);

        public Tensor gelu() => Call("aten::gelu", this);

        public Tensor gelu_() => InPlace("aten::gelu_", this);

        public Tensor log_sigmoid() => Call("aten::log_sigmoid", this);

        public Tensor softplus(double beta = 1, double threshold = 20) => Call("aten::softplus", this, beta, threshold);

        public Tensor isnan() => Call("aten::isnan", this);

        public Tensor isinf() => Call("aten::isinf", this);

        public Tensor isfinite() => Call("aten::isfinite", this);

        public Tensor isposinf() => Call("aten::isposinf", this);

        public Tensor isneginf() => Call("aten::isneginf", this);

        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) =>
            Call("aten::nan_to_num", this, nan, posinf, neginf);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Call("aten::softmax.int", this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Call("aten::log_softmax.int", this, dim, dtype);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Call("aten::clamp", this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Call("aten::clamp.Tensor", this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => InPlace("aten::clamp_", this, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => InPlace("aten::clamp_.Tensor", this, min, max);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

        public Tensor clamp_max(Scalar max) => Call("aten::clamp_max", this, max);

        public Tensor clamp_max_(Scalar max) => InPlace("aten::clamp_max_", this, max);

        public Tensor clamp_min(Scalar min) => Call("aten::clamp_min", this, min);

        public Tensor clamp_min_(Scalar min) => InPlace("aten::clamp_min_", this, min);

        public Tensor threshold(Scalar threshold, Scalar value) => Call("aten::threshold", this, threshold, value);

        public Tensor threshold_(Scalar threshold, Scalar value) => InPlace("aten::threshold_", this, threshold, value);

        public Tensor fill_(Scalar value) => InPlace("aten::fill_.Scalar", this, value);

        public Tensor zero_() => InPlace("aten::zero_", this);
    }
}
