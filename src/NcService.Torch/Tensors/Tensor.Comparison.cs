using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Call("aten::eq.Tensor", this, target);

        public Tensor eq_(Tensor target) => InPlace("aten::eq_.Tensor", this, target);

        public Tensor eq(Scalar target) => Call("aten::eq.Scalar", this, target);

        public Tensor eq_(Scalar target) => InPlace("aten::eq_.Scalar", this, target);

        public Tensor ne(Tensor target) => Call("aten::ne.Tensor", this, target);

        public Tensor ne_(Tensor target) => InPlace("aten::ne_.Tensor", this, target);

        public Tensor ne(Scalar target) => Call("aten::ne.Scalar", this, target);

        public Tensor ne_(Scalar target) => InPlace("aten::ne_.Scalar", this, target);

        public Tensor lt(Tensor target) => Call("aten::lt.Tensor", this, target);

        public Tensor lt_(Tensor target) => InPlace("aten::lt_.Tensor", this, target);

        public Tensor lt(Scalar target) => Call("aten::lt.Scalar", this, target);

        public Tensor lt_(Scalar target) => InPlace("aten::lt_.Scalar", this, target);

        public Tensor le(Tensor target) => Call("aten::le.Tensor", this, target);

        public Tensor le_(Tensor target) => InPlace("aten::le_.Tensor", this, target);

        public Tensor le(Scalar target) => Call("aten::le.Scalar", this, target);

        public Tensor le_(Scalar target) => InPlace("aten::le_.Scalar", this, target);

        public Tensor gt(Tensor target) => Call("aten::gt.Tensor", this, target);

        public Tensor gt_(Tensor target) => InPlace("aten::gt_.Tensor", this, target);

        public Tensor gt(Scalar target) => Call("aten::gt.Scalar", this, target);

        public Tensor gt_(Scalar target) => InPlace("aten::gt_.Scalar", this, target);

        public Tensor ge(Tensor target) => Call("aten::ge.Tensor", this, target);

        public Tensor ge_(Tensor target) => InPlace("aten::ge_.Tensor", this, target);

        public Tensor ge(Scalar target) => Call("aten::ge.Scalar", this, target);

        public Tensor ge_(Scalar target) => InPlace("aten::ge_.Scalar", this, target);

        public Tensor equal(Tensor target) => eq(target);

        public Tensor not_equal(Tensor target) => ne(target);

        public Tensor less(Tensor target) => lt(target);

        public Tensor less_equal(Tensor target) => le(target);

        public Tensor greater(Tensor target) => gt(target);

        public Tensor greater_equal(Tensor target) => ge(target);

        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            Call("aten::isclose", this, other, rtol, atol, nanEqual);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            CallValue("aten::allclose", this, target, rtol, atol, equal_nan).Integer != 0;

        public Tensor maximum(Tensor other) => Call("aten::maximum", this, other);

        public Tensor minimum(Tensor other) => Call("aten::minimum", this, other);

        public Tensor fmax(Tensor other) => Call("aten::fmax", this, other);

        public Tensor fmin(Tensor other) => Call("aten::fmin", this, other);

        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
            Call("aten::isin.Tensor_Tensor", this, test_elements, assumeUnique, invert);

        /// <summary>Whether both have the same shape and elements.</summary>
        public bool Equals(Tensor target) => CallValue("aten::equal", this, target).Integer != 0;

        public override bool Equals(object? obj) => obj is Tensor tensor && Equals(tensor);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
