using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Call("aten::matmul", this, target);

        public Tensor mm(Tensor target) => Call("aten::mm", this, target);

        public Tensor mv(Tensor target) => Call("aten::mv", this, target);

        public Tensor bmm(Tensor batch2) => Call("aten::bmm", this, batch2);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Call("aten::addmm", this, mat1, mat2, (double)beta, (double)alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            InPlace("aten::addmm_", this, mat1, mat2, (double)beta, (double)alpha);

        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1.0f, float alpha = 1.0f) =>
            Call("aten::addmv", this, mat, vec, (double)beta, (double)alpha);

        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1.0f, float alpha = 1.0f) =>
            InPlace("aten::addmv_", this, mat, vec, (double)beta, (double)alpha);

        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1.0f, float alpha = 1.0f) =>
            Call("aten::addr", this, vec1, vec2, (double)beta, (double)alpha);

        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1.0f, float alpha = 1.0f) =>
            InPlace("aten::addr_", this, vec1, vec2, (double)beta, (double)alpha);

        public Tensor dot(Tensor target) => Call("aten::dot", this, target);

        public Tensor vdot(Tensor target) => Call("aten::vdot", this, target);

        public Tensor inner(Tensor vec2) => Call("aten::inner", this, vec2);

        public Tensor outer(Tensor vec2) => Call("aten::outer", this, vec2);

        public Tensor ger(Tensor vec2) => outer(vec2);

        public Tensor trace() => ndim == 2
            ? Call("aten::trace", this)
            : throw new ArgumentException($"Expected a matrix, but got tensor with ndim == {ndim}");

        public Tensor det() => Call("aten::det", this);

        public Tensor logdet() => Call("aten::logdet", this);

        public Tensor inverse() => linalg.inv(this);

        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) => Call("aten::linalg_pinv", this, rcond, hermitian);

        public Tensor cholesky(bool upper = false) => Call("aten::cholesky", this, upper);

        public Tensor matrix_exp() => Call("aten::matrix_exp", this);

        public Tensor matrix_power(int n) => Call("aten::matrix_power", this, (long)n);

        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Call("aten::tensordot", this, b, dims1, dims2);
    }
}
