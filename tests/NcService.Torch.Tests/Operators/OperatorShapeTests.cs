using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests.Operators;

/// <summary>Values against loops in C#, and derivatives against central differences, over random shapes, layouts and element types.</summary>
public class OperatorShapeTests
{
    private const double Step = 1e-5;

    private static readonly (string Name, Func<Tensor, Tensor> Operator, Func<double, double> Reference)[] s_unary =
    [
        ("abs", x => x.abs(), Math.Abs), ("neg", x => -x, x => -x), ("exp", x => x.exp(), Math.Exp), ("expm1", x => x.expm1(), x => Math.Exp(x) - 1),
        ("log", x => (x * x + 1).log(), x => Math.Log((x * x) + 1)), ("log1p", x => (x * x).log1p(), x => Math.Log(1 + (x * x))),
        ("sqrt", x => (x * x + 1).sqrt(), x => Math.Sqrt((x * x) + 1)), ("rsqrt", x => (x * x + 1).rsqrt(), x => 1 / Math.Sqrt((x * x) + 1)),
        ("sin", x => x.sin(), Math.Sin), ("cos", x => x.cos(), Math.Cos), ("tanh", x => x.tanh(), Math.Tanh), ("sigmoid", x => x.sigmoid(), x => 1 / (1 + Math.Exp(-x))),
        ("square", x => x.square(), x => x * x), ("cube", x => x.pow(3), x => x * x * x), ("relu", x => x.relu(), x => Math.Max(0, x)), ("silu", x => x.silu(), x => x / (1 + Math.Exp(-x))),
        ("clamp", x => x.clamp(-1, 1), x => Math.Clamp(x, -1, 1)), ("in place", x => x.clone().mul_(2).add_(1), x => (2 * x) + 1),
    ];

    private static readonly (string Name, Func<Tensor, Tensor, Tensor> Operator, Func<double, double, double> Reference)[] s_binary =
    [
        ("add", (x, y) => x + y, (x, y) => x + y), ("sub", (x, y) => x - y, (x, y) => x - y), ("mul", (x, y) => x * y, (x, y) => x * y),
        ("maximum", (x, y) => x.maximum(y), Math.Max), ("minimum", (x, y) => x.minimum(y), Math.Min),
        ("lt", (x, y) => x < y, (x, y) => x < y ? 1 : 0), ("ge", (x, y) => x >= y, (x, y) => x >= y ? 1 : 0), ("eq", (x, y) => x == y, (x, y) => x == y ? 1 : 0),
        ("where", (x, y) => where(x > 0, x, y), (x, y) => x > 0 ? x : y),
    ];

    // Exact in every type: small whole numbers survive bfloat16's eight bits through a sum and a product.
    private static readonly ScalarType[] s_types = [ScalarType.Float64, ScalarType.Float32, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32, ScalarType.Byte];

    private static readonly Gen<int[]> s_shape = Gen.Choose(0, 4).SelectMany(rank => Gen.Choose(0, 4).ArrayOf(rank));

    [Fact]
    public void Elements_and_their_derivatives() =>
        Check(from shape in s_shape from which in Gen.Choose(0, s_unary.Length - 1) from seed in Seeds from layout in Gen.Elements(true, false) select (shape, which, seed, layout), one =>
        {
            var (name, apply, reference) = s_unary[one.which];
            var x = Values(one.shape, one.seed, one.layout);
            var expected = Array.ConvertAll(Elements(x), value => reference(value));
            AssertClose(expected, Elements(apply(x)), 1e-12, name);
            CheckDerivative(apply, x, name);
        });

    [Fact]
    public void Broadcasting_in_every_type() =>
        Check(from shape in s_shape from which in Gen.Choose(0, s_binary.Length - 1) from seed in Seeds from type in Gen.Elements(s_types) select (shape, which, seed, type), one =>
        {
            var (name, apply, reference) = s_binary[one.which];
            var random = new Random(one.seed);
            var (left, right) = (WholeNumbers(Narrowed(one.shape, random), random), WholeNumbers(Narrowed(one.shape, random), random));
            var found = apply(left.to(one.type), right.to(one.type));
            var shape = BroadcastShape(left.shape, right.shape);

            Assert.Equal(shape, found.shape);
            if (found.dtype != ScalarType.Bool) Assert.Equal(one.type, found.dtype);
            var (a, b) = (Broadcast(left, shape), Broadcast(right, shape));
            AssertClose([.. a.Zip(b, reference).Select(value => Wrapped(value, found.dtype))], Elements(found), 0, $"{name} in {one.type}");
        });

    [Fact]
    public void Reductions_over_any_dimensions() =>
        Check(from shape in s_shape from seed in Seeds from mask in Gen.Choose(1, 15) from keep in Gen.Elements(true, false) select (shape, seed, mask, keep), one =>
        {
            var dims = Enumerable.Range(0, one.shape.Length).Where(i => (one.mask >> i & 1) == 1).Select(i => (long)i).ToArray();
            if (dims.Length == 0 || one.shape.Contains(0)) return;
            var x = Values(one.shape, one.seed, transposed: true);
            var groups = Groups(x, dims);

            AssertClose([.. groups.Select(group => group.Sum())], Elements(x.sum(dims, one.keep)), 1e-12, "sum");
            AssertClose([.. groups.Select(group => group.Average())], Elements(x.mean(dims, one.keep)), 1e-12, "mean");
            AssertClose([.. groups.Select(group => group.Max())], Elements(x.amax(dims, one.keep)), 0, "amax");
            AssertClose([.. groups.Select(group => group.Sum(value => Math.Pow(value - group.Average(), 2)) / group.Count)], Elements(x.var(dims, false, one.keep)), 1e-12, "var");
            AssertClose([.. groups.Select(group => Math.Sqrt(group.Sum(value => value * value)))], Elements(linalg.vector_norm(x, 2, dims, one.keep)), 1e-12, "norm");
            CheckDerivative(y => y.mean(dims) * y.amax(dims) + y.var(dims, false, false), x, "mean, amax, var");
        });

    [Fact]
    public void Products_of_any_size() =>
        Check(from n in Gen.Choose(0, 5) from k in Gen.Choose(0, 5) from m in Gen.Choose(0, 5) from batch in Gen.Choose(1, 3) from seed in Seeds select (n, k, m, batch, seed), one =>
        {
            var (a, b) = (Values([one.batch, one.n, one.k], one.seed, true), Values([one.batch, one.k, one.m], one.seed + 1, false));
            var expected = new List<double>();
            for (var s = 0; s < one.batch; s++)
                for (var i = 0; i < one.n; i++)
                    for (var j = 0; j < one.m; j++)
                        expected.Add(Enumerable.Range(0, one.k).Sum(l => a[s, i, l].ToDouble() * b[s, l, j].ToDouble()));

            AssertClose([.. expected], Elements(a.bmm(b)), 1e-12, "bmm");
            AssertClose([.. expected], Elements(a.matmul(b)), 1e-12, "matmul");
            AssertClose([.. expected], Elements(einsum("bik,bkj->bij", a, b)), 1e-12, "einsum");
            AssertClose(expected.Take(one.n * one.m), Elements(a[0].mm(b[0])), 1e-12, "mm");
            AssertClose(expected.Take(one.n * one.m), Elements(nn.functional.linear(a[0], b[0].t())), 1e-12, "linear");
            CheckDerivative(x => x.matmul(b), a, "left of matmul");
            CheckDerivative(x => a.matmul(x), b, "right of matmul");
        });

    [Fact]
    public void Picking_and_adding_rows_by_index() =>
        Check(from rows in Gen.Choose(1, 5) from columns in Gen.Choose(0, 4) from picks in Gen.Choose(0, 4).ArrayOf() from seed in Seeds select (rows, columns, picks, seed), one =>
        {
            var picks = Array.ConvertAll(one.picks, pick => (long)(pick % one.rows));
            var index = tensor(picks);
            var (x, source) = (Values([one.rows, one.columns], one.seed, true), Values([picks.Length, one.columns], one.seed + 1, false));
            var added = Elements(x);
            for (var i = 0; i < picks.Length; i++)
                for (var j = 0; j < one.columns; j++) added[(picks[i] * one.columns) + j] += source[i, j].ToDouble();

            AssertClose([.. picks.SelectMany(pick => Elements(x[pick]))], Elements(x.index_select(0, index)), 0, "index_select");
            AssertClose(added, Elements(x.clone().index_add_(0, index, source, 1)), 1e-12, "index_add_");
            CheckDerivative(y => y.index_select(0, index).square(), x, "index_select");
            CheckDerivative(y => x.index_add(0, index, y, 2).square(), source, "index_add");
        });

    private static Gen<int> Seeds => Gen.Choose(0, 1_000_000);

    private static void Check<T>(Gen<T> cases, Action<T> check) =>
        Prop.ForAll(Arb.From(cases), one =>
        {
            using var scope = NewDisposeScope();
            check(one);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    // The gradient of a weighted sum along one direction, against a central difference along it.
    private static void CheckDerivative(Func<Tensor, Tensor> apply, Tensor x, string name)
    {
        if (x.numel() == 0) return;
        var direction = (arange(1, x.numel() + 1, float64) * 0.7).sin().view(x.shape);
        Tensor Loss(Tensor at)
        {
            var y = apply(at);
            return (y * arange(1, y.numel() + 1, float64).cos().view(y.shape)).sum();
        }

        var leaf = x.clone().requires_grad_();
        Loss(leaf).backward();
        var expected = (Loss(x + (direction * Step)) - Loss(x - (direction * Step))).ToDouble() / (2 * Step);
        var found = (leaf.grad! * direction).sum().ToDouble();
        Assert.True(Math.Abs(expected - found) <= 1e-6 * Math.Max(1, Math.Abs(expected)), $"{name}: {found:R}, by differences {expected:R}");
    }

    // Numbers no closer than 0.001 to each other's or to 0, 1 and -1, so that no step crosses a kink.
    private static Tensor Values(int[] shape, int seed, bool transposed)
    {
        var random = new Random(seed);
        var count = shape.Aggregate(1, (product, length) => product * length);
        var order = Enumerable.Range(0, count).OrderBy(_ => random.Next());
        var sizes = Array.ConvertAll(shape, length => (long)length);
        var spread = 3.0 / Math.Max(1, count);
        var flat = tensor(order.Select(i => -1.5 + ((i + 0.37) * spread)).ToArray());
        return transposed && shape.Length > 1
            ? flat.view([.. sizes.Reverse()]).permute([.. Enumerable.Range(0, shape.Length).Reverse().Select(i => (long)i)])
            : flat.view(sizes);
    }

    private static Tensor WholeNumbers(long[] shape, Random random) =>
        tensor(Enumerable.Range(0, (int)shape.TotalSize()).Select(_ => (double)random.Next(0, 12)).ToArray()).view(shape);

    // A shape that broadcasts to the given one: leading dimensions dropped, others 1.
    private static long[] Narrowed(int[] shape, Random random) =>
        [.. shape.Skip(random.Next(shape.Length + 1)).Select(length => random.Next(3) == 0 ? 1L : length)];

    private static long[] BroadcastShape(long[] left, long[] right)
    {
        var rank = Math.Max(left.Length, right.Length);
        long At(long[] shape, int i) => i < rank - shape.Length ? 1 : shape[i - rank + shape.Length];
        return [.. Enumerable.Range(0, rank).Select(i => At(left, i) == 1 ? At(right, i) : At(left, i))];
    }

    // The elements that a tensor shows when broadcast to a shape, in the order of the shape.
    private static IEnumerable<double> Broadcast(Tensor x, long[] shape)
    {
        var (elements, sizes) = (Elements(x), x.shape);
        for (var i = 0L; i < shape.TotalSize(); i++)
        {
            var (rest, offset, stride) = (i, 0L, 1L);
            for (var d = 1; d <= shape.Length; d++)
            {
                (rest, var position) = Math.DivRem(rest, shape[^d]);
                if (d > sizes.Length) continue;
                offset += sizes[^d] == 1 ? 0 : position * stride;
                stride *= sizes[^d];
            }

            yield return elements[offset];
        }
    }

    // The elements that each entry of a reduction over `dims` is made of.
    private static List<List<double>> Groups(Tensor x, long[] dims)
    {
        var kept = Enumerable.Range(0, (int)x.dim()).Select(i => (long)i).Except(dims).ToArray();
        var rows = x.permute([.. kept, .. dims]).reshape(kept.Select(d => x.shape[d]).TotalSize(), -1);
        return [.. rows.unbind(0).Select(row => Elements(row).ToList())];
    }

    private static double Wrapped(double value, ScalarType type) => type == ScalarType.Byte ? (byte)(int)value : value;

    private static double[] Elements(Tensor x) => x.to(ScalarType.Float64).flatten().data<double>().ToArray();

    private static void AssertClose(IEnumerable<double> expected, double[] found, double tolerance, string name)
    {
        var wanted = expected.ToArray();
        Assert.True(wanted.Length == found.Length, $"{name}: {found.Length} elements, not {wanted.Length}");
        for (var i = 0; i < found.Length; i++)
            Assert.True(Math.Abs(wanted[i] - found[i]) <= tolerance * Math.Max(1, Math.Abs(wanted[i])), $"{name}, element {i}: {found[i]:R}, not {wanted[i]:R}");
    }
}
