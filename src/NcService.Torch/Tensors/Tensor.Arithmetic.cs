using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Call("aten::add.Tensor", this, target);

        public Tensor add(Tensor target, Scalar alpha) => Call("aten::add.Tensor", this, target, alpha);

        public Tensor add(Scalar scalar) => Call("aten::add.Scalar", this, scalar);

        public Tensor add(Scalar scalar, Scalar alpha) => Call("aten::add.Scalar", this, scalar, alpha);

        public Tensor add_(Tensor target) => InPlace("aten::add_.Tensor", this, target);

        public Tensor add_(Tensor target, Scalar alpha) => InPlace("aten::add_.Tensor", this, target, alpha);

        public Tensor add_(Scalar scalar) => InPlace("aten::add_.Scalar", this, scalar);

        public Tensor add_(Scalar scalar, Scalar alpha) => InPlace("aten::add_.Scalar", this, scalar, alpha);

        public Tensor sub(Tensor target) => Call("aten::sub.Tensor", this, target);

        public Tensor sub(Scalar target) => Call("aten::sub.Scalar", this, target);

        public Tensor sub_(Tensor target) => InPlace("aten::sub_.Tensor", this, target);

        public Tensor sub_(Scalar target) => InPlace("aten::sub_.Scalar", this, target);

        public Tensor subtract(Tensor target) => sub(target);

        public Tensor subtract(Scalar target) => sub(target);

        public Tensor subtract_(Tensor target) => sub_(target);

        public Tensor subtract_(Scalar target) => sub_(target);

        public Tensor mul(Tensor target) => Call("aten::mul.Tensor", this, target);

        public Tensor mul(Scalar target) => Call("aten::mul.Scalar", this, target);

        public Tensor mul_(Tensor target) => InPlace("aten::mul_.Tensor", this, target);

        public Tensor mul_(Scalar target) => InPlace("aten::mul_.Scalar", this, target);

        public Tensor multiply(Tensor target) => mul(target);

        public Tensor multiply(Scalar target) => mul(target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call("aten::div.Tensor_mode", this, target, Rounding(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call("aten::div.Scalar_mode", this, target, Rounding(rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            InPlace("aten::div_.Tensor_mode", this, target, Rounding(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            InPlace("aten::div_.Scalar_mode", this, target, Rounding(rounding_mode));

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor true_divide(Tensor other) => Call("aten::true_divide.Tensor", this, other);

        public Tensor true_divide(Scalar other) => Call("aten::true_divide.Scalar", this, other);

        public Tensor floor_divide(Tensor other) => Call("aten::floor_divide", this, other);

        public Tensor floor_divide(Scalar other) => Call("aten::floor_divide.Scalar", this, other);

        public Tensor remainder(Tensor target) => Call("aten::remainder.Tensor", this, target);

        public Tensor remainder(Scalar scalar) => Call("aten::remainder.Scalar", this, scalar);

        public Tensor fmod(Tensor target) => Call("aten::fmod.Tensor", this, target);

        public Tensor fmod(Scalar scalar) => Call("aten::fmod.Scalar", this, scalar);

        public Tensor pow(Tensor exponent) => Call("aten::pow.Tensor_Tensor", this, exponent);

        public Tensor pow(Scalar exponent) => Call("aten::pow.Tensor_Scalar", this, exponent);

        public Tensor pow_(Tensor exponent) => InPlace("aten::pow_.Tensor", this, exponent);

        public Tensor pow_(Scalar exponent) => InPlace("aten::pow_.Scalar", this, exponent);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Call("aten::addcmul", this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => InPlace("aten::addcmul_", this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Call("aten::addcdiv", this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Call("aten::addcdiv", this, tensor1, tensor2);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => InPlace("aten::addcdiv_", this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => InPlace("aten::addcdiv_", this, tensor1, tensor2);

        public Tensor lerp(Tensor end, Tensor weight) => Call("aten::lerp.Tensor", this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => InPlace("aten::lerp_.Tensor", this, end, weight);

        public Tensor atan2(Tensor other) => Call("aten::atan2", this, other);

        public Tensor hypot(Tensor other) => Call("aten::hypot", this, other);

        public Tensor logaddexp(Tensor other) => Call("aten::logaddexp", this, other);

        public Tensor xlogy(Tensor y) => Call("aten::xlogy.Tensor", this, y);

        public Tensor logical_and(Tensor other) => Call("aten::logical_and", this, other);

        public Tensor logical_and_(Tensor other) => InPlace("aten::logical_and_", this, other);

        public Tensor logical_or(Tensor other) => Call("aten::logical_or", this, other);

        public Tensor logical_or_(Tensor other) => InPlace("aten::logical_or_", this, other);

        public Tensor logical_xor(Tensor other) => Call("aten::logical_xor", this, other);

        public Tensor bitwise_and(Tensor other) => Call("aten::bitwise_and.Tensor", this, other);

        public Tensor bitwise_or(Tensor other) => Call("aten::bitwise_or.Tensor", this, other);

        public Tensor bitwise_xor(Tensor other) => Call("aten::bitwise_xor.Tensor", this, other);

        private static string? Rounding(RoundingMode mode) => mode switch
        {
            RoundingMode.trunc => "trunc",
            RoundingMode.floor => "floor",
            _ => null,
        };
    }
}
