using NcService.Torch.Interop;
using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Linear algebra, of single matrices or batches.</summary>
    public static class linalg
    {
        public static Tensor cholesky(Tensor input) => Call("aten::linalg_cholesky", input);

        public static Tensor cond(Tensor input, double p) => Call("aten::linalg_cond", input, p);

        public static Tensor cond(Tensor input) => Call("aten::linalg_cond", input, Argument.None);

        public static Tensor det(Tensor input) => Call("aten::linalg_det", input);

        public static (Tensor, Tensor) slogdet(Tensor input) => Call2("aten::linalg_slogdet", input);

        /// <summary>Eigenvalues, ascending, and eigenvectors, as columns, of a symmetric matrix; its triangle <paramref name="UPLO"/> is read.</summary>
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Call2("aten::linalg_eigh", input, UPLO.ToString());

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Call("aten::linalg_eigvalsh", input, UPLO.ToString());

        public static Tensor inv(Tensor input) => Call("aten::linalg_inv", input);

        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Call("aten::linalg_pinv.atol_rtol_float", input, atol, rtol, hermitian);

        public static Tensor pinv(Tensor input, Tensor atol, Tensor? rtol = null, bool hermitian = false)
        {
            ArgumentNullException.ThrowIfNull(atol);
            return Call("aten::linalg_pinv.atol_rtol_tensor", input, atol, rtol, hermitian);
        }

        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Call("aten::linalg_matrix_rank.atol_rtol_float", input, atol, rtol, hermitian);

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other)
        {
            var (solution, residuals, rank, singularValues) = Call4("aten::linalg_lstsq", input, other);
            return (solution, residuals, rank, singularValues);
        }

        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) => Call2("aten::linalg_qr", input, mode switch
        {
            QRMode.Complete => "complete",
            QRMode.R => "r",
            _ => "reduced",
        });

        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Call("aten::linalg_solve", A, B, left);

        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) =>
            Call3("aten::linalg_svd", input, fullMatrices);

        public static Tensor svdvals(Tensor input) => Call("aten::linalg_svdvals", input);

        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            Call("aten::linalg_norm.ord_str", input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Call("aten::linalg_norm", input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) =>
            Call("aten::linalg_norm", input, (long)ord, dims, keepdim);

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            Call("aten::linalg_norm", input, Argument.None, dims, keepdim);

        public static Tensor vector_norm(Tensor input, double ord = 2d, long[]? dims = null, bool keepdim = false) =>
            Call("aten::linalg_vector_norm", input, ord, dims, keepdim);

        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) =>
            Call("aten::linalg_matrix_norm.str_ord", input, ord, dims ?? [-2, -1], keepdim);

        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Call("aten::linalg_matrix_norm", input, ord, dims ?? [-2, -1], keepdim);

        public static Tensor matrix_exp(Tensor input) => input.matrix_exp();

        public static Tensor multi_dot(IList<Tensor> tensors) => Call("aten::linalg_multi_dot", AtLeastOne(tensors));

        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }
    }

    /// <summary>Special functions.</summary>
    public static class special
    {
        public static Tensor erf(Tensor input) => input.erf();

        public static Tensor erfc(Tensor input) => input.erfc();

        public static Tensor erfinv(Tensor input) => input.erfinv();

        public static Tensor expit(Tensor input) => input.sigmoid();

        public static Tensor expm1(Tensor input) => input.expm1();

        public static Tensor exp2(Tensor input) => input.exp2();

        public static Tensor gammaln(Tensor input) => input.lgamma();

        public static Tensor digamma(Tensor input) => input.digamma();

        public static Tensor sigmoid(Tensor input) => input.sigmoid();

        public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

        public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);
    }
}
