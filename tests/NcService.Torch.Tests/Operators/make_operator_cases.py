#!/usr/bin/python3
"""Writes operators.json: what PyTorch gives for every operator of NcService.Torch, on small inputs, with gradients.

Run it with Debian's python3-torch (1.13): /usr/bin/python3 make_operator_cases.py
One line a case: {"name", "arguments", "results" (float64, or the inputs' own type), "gradients", and under "as" the results
with all float64 inputs cast to another type first}. Gradients are those of sum(result * weight), weight[k] = cos(k + 1).

A name is a member of torch.Tensor or torch (both where both have it), or carries its class: Tensor.where, linalg.det, functional.linear.
An argument is a tensor {"type", "shape", "values"}, a type {"type"} or a plain value. `numeric: false` marks gradients that
central differences can't check entry by entry (one triangle of the input read, or random); `absolute` compares magnitudes
only (the signs of eigenvectors are free); `seeded` calls manual_seed(7) first.
"""
import json
import operator
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(0)
CASES = []
OTHER_TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "int64": torch.int64}


def real(*shape):
    """Around 0, away from every kink: no entry is a multiple of 0.1."""
    return torch.round(torch.randn(shape, dtype=torch.float64) * 100) / 100 + 0.0037


def positive(*shape):
    return real(*shape).abs() + 0.3


def unit(*shape):
    """Inside (-1, 1)."""
    return torch.round((torch.rand(shape, dtype=torch.float64) * 1.8 - 0.9) * 100) / 100 + 0.0037


def whole(low, high, *shape):
    return torch.randint(low, high, shape)


def truth(*values):
    return torch.tensor(values)


def symmetric(n):
    a = real(n, n)
    return a @ a.T + torch.eye(n, dtype=torch.float64)


def resolve(name):
    if name.startswith("linalg."):
        return getattr(torch.linalg, name[7:])
    if name.startswith("special."):
        return getattr(torch.special, name[8:])
    if name.startswith("functional."):
        return getattr(F, name[11:])
    return getattr(torch.Tensor, name, None) or getattr(torch, name)


def describe(value, digits):
    if isinstance(value, torch.Tensor):
        kind = str(value.dtype)[6:]
        flat = value.detach().reshape(-1)
        if value.is_floating_point():
            values = [number(v, digits) for v in flat.to(torch.float64).tolist()]
        else:
            values = flat.tolist()
        return {"type": kind, "shape": list(value.shape), "values": values}
    if isinstance(value, torch.dtype):
        return {"type": str(value)[6:]}
    if isinstance(value, (list, tuple)):
        return [describe(v, digits) for v in value]
    return value


def number(value, digits):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return float(f"%.{digits}g" % value)


def tensors_of(result):
    """The results as a flat list, whatever they came in."""
    if isinstance(result, (list, tuple)):
        return [t for part in result for t in tensors_of(part)]
    return [result]


def run(call, arguments, in_place, seeded):
    if in_place:
        arguments = [arguments[0].clone()] + list(arguments[1:])
    if seeded:
        torch.manual_seed(7)
    return tensors_of(call(*arguments))


def leaves(arguments, constant):
    """Copies of the arguments in which every float64 tensor but the constant argument records its gradient; and those tensors."""
    found = []

    def leaf(value, recorded):
        if isinstance(value, torch.Tensor) and value.dtype == torch.float64:
            found.append(value.clone().requires_grad_(recorded))
            return found[-1]
        return [leaf(v, recorded) for v in value] if isinstance(value, list) else value

    return [leaf(a, i != constant) for i, a in enumerate(arguments)], found


def cast(value, dtype):
    if isinstance(value, torch.Tensor) and value.dtype == torch.float64:
        return value.to(dtype)
    return [cast(v, dtype) for v in value] if isinstance(value, list) else value


def case(name, *arguments, call=None, grad=True, numeric=True, absolute=False, seeded=False, types=True, constant=None):
    call = call or resolve(name)
    in_place = name.endswith("_")
    results = run(call, arguments, in_place, seeded)
    entry = {"name": name, "arguments": describe(list(arguments), 17), "results": describe(results, 14)}
    copies, inputs = leaves(arguments, constant)
    if grad and inputs:
        outputs = [o for o in run(call, copies, in_place, seeded) if isinstance(o, torch.Tensor) and o.requires_grad]
        if outputs:
            loss = sum((o * torch.cos(torch.arange(1, o.numel() + 1, dtype=o.dtype)).view(o.shape)).sum() for o in outputs)
            loss.backward()
            entry["gradients"] = [None if x.grad is None else describe(torch.zeros(x.shape, dtype=x.dtype) + x.grad, 14) for x in inputs]
    if types and inputs:
        entry["as"] = {}
        for kind, dtype in OTHER_TYPES.items():
            try:
                results = run(call, [cast(a, dtype) for a in arguments], in_place, seeded)
            except RuntimeError:
                continue  # PyTorch has no such operator for the type
            if not in_place or results[0].dtype == dtype:
                entry["as"][kind] = describe(results, 9)
    for flag, value, usual in (("numeric", numeric, True), ("absolute", absolute, False), ("seeded", seeded, False)):
        if value != usual:
            entry[flag] = value
    CASES.append(entry)


def both(name, *arguments, **options):
    """The operator and its in-place form, which must give the same."""
    case(name, *arguments, **options)
    case(name + "_", *arguments, **options)


# --- each element by itself -------------------------------------------------------------------------------------------
for name in "abs ceil floor trunc frac neg exp expm1 sin cos sinh cosh tanh sigmoid relu erf erfc sign sgn silu".split():
    both(name, real(2, 3), call=F.silu if name == "silu" else None)
for name in "log log2 log10 log1p sqrt rsqrt reciprocal lgamma digamma".split():
    both(name, positive(2, 3))
for name in "asin acos atan tan erfinv".split():
    both(name, unit(2, 3))
for name in "exp2 absolute negative square fix isfinite isnan isinf isposinf isneginf ravel".split():
    case(name, real(2, 3))
case("arcsinh", real(3))
case("arctanh", unit(3))
case("arccosh", positive(3) + 1)
special_numbers = torch.tensor([float("nan"), float("inf"), -float("inf"), 1.5], dtype=torch.float64)
for name in "isfinite isnan isinf isposinf isneginf".split():
    case(name, special_numbers, types=False)
case("nan_to_num", special_numbers, grad=False, types=False)
case("nan_to_num", special_numbers, 1.5, 2.5, -3.5, grad=False, types=False)
both("gelu", real(2, 3), call=F.gelu)
case("log_sigmoid", real(2, 3), call=F.logsigmoid)
case("softplus", real(2, 3), call=F.softplus)
case("softplus", real(2, 3), 2.0, 0.5, call=F.softplus)
both("round", real(2, 3), types=False)
both("round", real(2, 3), 1, call=lambda x, n: torch.round(x, decimals=n), types=False)
both("logical_not", truth(True, False))
both("bitwise_not", whole(-5, 5, 3))
both("threshold", real(2, 3), 0.5, -1.0, call=F.threshold)
both("clamp", real(2, 3), -0.5, 0.5)
both("clamp", real(2, 3), -1, None)
both("clamp", real(2, 3), real(2, 3) - 0.5, real(2, 3) + 0.5)
case("clip", real(2, 3), None, 0.25)
both("clamp_max", real(2, 3), 0.25)
both("clamp_min", real(2, 3), 0.25)
case("fill_", real(2, 3), 2.5)
case("zero_", real(2, 3))
for name in ("softmax", "log_softmax", "special.softmax", "special.log_softmax", "functional.softmax"):
    case(name, real(2, 3), 1)
    case(name, real(2, 3).to(torch.float32), 0, torch.float64,
         call=lambda x, d, t, f=resolve(name): f(x, d, dtype=t))
case("functional.log_softmax", real(2, 3), -1)
for name in "erf erfc expit expm1 exp2 digamma".split():
    case("special." + name, real(3))
case("special.sigmoid", real(3), call=torch.sigmoid)
case("special.erfinv", unit(3))
case("special.gammaln", positive(3))

# --- two tensors, with broadcasting; a tensor and a number -----------------------------------------------------------
for name in "add sub mul div".split():
    both(name, real(2, 3), positive(2, 3))
    both(name, real(2, 3), positive(3))
    case(name, real(2, 1, 3), positive(4, 1))
    both(name, real(2, 3), 3)
    both(name, real(2, 3), 1.75)
for name, alias in (("sub", "subtract"), ("mul", "multiply"), ("div", "divide")):
    for form in ("", "_") if name != "mul" else ("",):
        case(alias + form, real(2, 3), positive(2, 3), call=resolve(name + form))
        case(alias + form, real(2, 3), 1.75, call=resolve(name + form))
both("add", real(2, 3), real(3), 2.5, call=lambda x, y, a: torch.add(x, y, alpha=a))
case("add", real(2, 3), 1.5, 2.5, call=lambda x, y, a: x + y * a)
case("add_", real(2, 3), 1.5, 2.5, call=lambda x, y, a: x.add_(y * a))
for mode in ("trunc", "floor"):
    for form in ("", "_"):
        call = lambda x, y, m, f=form: getattr(torch.Tensor, "div" + f)(x, y, rounding_mode=m)
        case("div" + form, real(2, 3) * 4, positive(3), mode, call=call)
        case("div" + form, real(2, 3) * 4, 0.7, mode, call=call)
case("true_divide", real(2, 3), positive(3))
case("true_divide", real(2, 3), 1.75)
case("floor_divide", real(2, 3) * 5, positive(3), grad=False)
case("floor_divide", whole(-9, 9, 2, 3), 2)
case("remainder", real(2, 3) * 5, positive(3))
case("remainder", real(2, 3) * 5, 0.7)
case("fmod", real(2, 3) * 5, positive(3))
case("fmod", real(2, 3) * 5, 0.7)
both("pow", positive(2, 3), real(2, 3))
both("pow", positive(2, 3), 2)
both("pow", positive(2, 3), 1.5)
both("addcmul", real(2, 3), real(2, 3), real(3), 0.5, call=lambda x, a, b, v: torch.addcmul(x, a, b, value=v))
both("addcdiv", real(2, 3), real(2, 3), positive(3), 0.5, call=lambda x, a, b, v: torch.addcdiv(x, a, b, value=v))
both("addcdiv", real(2, 3), real(2, 3), positive(3))
both("lerp", real(2, 3), real(2, 3), unit(2, 3))
case("atan2", real(2, 3), positive(3))
case("hypot", real(2, 3), positive(3))
case("logaddexp", real(2, 3), real(3))
case("xlogy", real(2, 3), positive(3))
for name in "maximum minimum fmax fmin max min".split():
    case(name, real(2, 3), real(3))
for name in "logical_and logical_or".split():
    both(name, truth(True, True, False, False), truth(True, False, True, False))
case("logical_xor", truth(True, True, False, False), truth(True, False, True, False))
for name in "bitwise_and bitwise_or bitwise_xor".split():
    case(name, whole(0, 16, 2, 3), whole(0, 16, 3))
    case(name, truth(True, True, False, False), truth(True, False, True, False))
for name, alias in (("eq", "equal"), ("ne", "not_equal"), ("lt", "less"), ("le", "less_equal"), ("gt", "greater"), ("ge", "greater_equal")):
    left, right = whole(0, 3, 2, 3).double(), whole(0, 3, 3).double()
    both(name, left, right, grad=False)
    both(name, left, 1, grad=False)
    both(name, left, 1.5, grad=False)
    case(alias, left, right, call=getattr(torch, name), grad=False)
close = real(2, 3)
case("isclose", close, close + torch.tensor([0, 1e-9, 1e-3], dtype=torch.float64))
case("isclose", close, close * 1.01, 0.1, 0.0, True)
case("allclose", close, close + 1e-12, types=False)
case("allclose", close, close + 1e-3, types=False)
case("allclose", close, close * 1.01, 0.1, 0.0, True)
case("isin", whole(0, 6, 2, 3), whole(0, 6, 3))
case("Equals", close, close.clone(), call=torch.equal)
case("Equals", close, close + 1, call=torch.equal)

# operators of the language
for name, call in (("op_Addition", operator.add), ("op_Subtraction", operator.sub), ("op_Multiply", operator.mul),
                   ("op_Division", operator.truediv), ("op_Modulus", operator.mod)):
    case(name, real(2, 3) * 5, positive(3), call=call)
    case(name, real(2, 3) * 5, 3, call=call)
    case(name, real(2, 3) * 5, 1.75, call=call)
    if name != "op_Modulus":
        case(name, 3, positive(2, 3), call=call)
        case(name, 1.75, positive(2, 3), call=call)
for name, call in (("op_Equality", operator.eq), ("op_Inequality", operator.ne), ("op_LessThan", operator.lt),
                   ("op_LessThanOrEqual", operator.le), ("op_GreaterThan", operator.gt), ("op_GreaterThanOrEqual", operator.ge)):
    left, right = whole(0, 3, 2, 3).double(), whole(0, 3, 3).double()
    for arguments in ((left, right), (left, 1), (1, right), (left, 0.5), (0.5, right)):
        case(name, *arguments, call=call, grad=False)
for name, call in (("op_BitwiseAnd", operator.and_), ("op_BitwiseOr", operator.or_), ("op_ExclusiveOr", operator.xor)):
    case(name, whole(0, 16, 2, 3), whole(0, 16, 3), call=call)
case("op_UnaryNegation", real(2, 3), call=operator.neg)
case("op_OnesComplement", whole(0, 16, 3), call=operator.invert)

# --- reductions -------------------------------------------------------------------------------------------------------
case("sum", real(2, 3))
case("sum", real(2, 3), torch.float32, call=lambda x, t: x.sum(dtype=t), numeric=False)
case("sum", real(2, 3), 1)
case("sum", real(2, 3), 1, True)
case("sum", real(2, 3), [0, 1], True)
case("sum", real(2, 3, 2), 0, 2, call=lambda x, a, b: x.sum([a, b]))
case("sum", real(2, 3, 2), 0, 1, 2, call=lambda x, *d: x.sum(d))
case("sum", truth(True, True, False))
case("nansum", special_numbers[[0, 3]], types=False, numeric=False)
case("prod", real(2, 3))
case("prod", real(2, 3), 1, True)
case("mean", real(2, 3))
case("mean", real(2, 3), [1], True)
for name in ("std", "var"):
    case(name, real(2, 3))
    case(name, real(2, 3), False)
    case(name, real(2, 3), 1)
    case(name, real(2, 3), 1, False, True, call=lambda x, d, u, k, f=getattr(torch, name): f(x, d, unbiased=u, keepdim=k))
    case(name, real(2, 3, 2), [0, 2], True, True, call=lambda x, d, u, k, f=getattr(torch, name): f(x, d, unbiased=u, keepdim=k))
    case(name + "_mean", real(2, 3))
    case(name + "_mean", real(2, 3), 1, False, True,
         call=lambda x, d, u, k, f=getattr(torch, name + "_mean"): f(x, [d], unbiased=u, keepdim=k))
for name in ("max", "min"):
    case(name, real(2, 3))
    case(name, real(2, 3), 1)
    case(name, real(2, 3), 0, True)
for name in ("amax", "amin"):
    case(name, real(2, 3), [1])
    case(name, real(2, 3), [0, 1], True)
case("aminmax", real(2, 3), call=torch.aminmax, grad=False)
case("aminmax", real(2, 3), 1, True, call=lambda x, d, k: torch.aminmax(x, dim=d, keepdim=k), grad=False)
for name in ("argmax", "argmin"):
    case(name, real(2, 3))
    case(name, real(2, 3), 1)
    case(name, real(2, 3), 0, True)
for name in ("all", "any"):
    case(name, truth(True, False))
    case(name, torch.tensor([[True, False], [True, True]]), 1)
    case(name, torch.tensor([[True, False], [False, False]]), 0, True)
case("norm", real(2, 3))
case("norm", real(2, 3), 3.0, call=lambda x, p: x.norm(p))
case("norm", real(2, 3), 1, True, 1.0, call=lambda x, d, k, p: x.norm(p, d, k))
case("dist", real(2, 3), real(2, 3), 2.0)
case("logsumexp", real(2, 3), 1)
case("logsumexp", real(2, 3), 0, True)
for name in ("cumsum", "cumprod"):
    case(name, real(2, 3), 1)
case("cumsum", real(2, 3), 0, torch.float32, call=lambda x, d, t: x.cumsum(d, dtype=t), numeric=False)
case("var", real(2, 3), [1], True, torch.float64, call=lambda x, d, k, t: x.var(d, keepdim=k), types=False)
case("cumprod", real(2, 3), 0, torch.float32, call=lambda x, d, t: x.cumprod(d, dtype=t), numeric=False)
for name in ("cummax", "cummin", "logcumsumexp"):
    case(name, real(2, 3), 1)
case("count_nonzero", whole(0, 2, 2, 3))
case("count_nonzero", whole(0, 2, 2, 3), [1], call=lambda x, d: x.count_nonzero(d))
case("bincount", whole(0, 4, 6), None)
case("bincount", whole(0, 4, 6), positive(6), 6, grad=False)
case("histc", real(12), 4, -1, 1, grad=False)
case("median", real(5))
case("quantile", real(2, 4), torch.tensor([0.25, 0.6], dtype=torch.float64), 1, True, numeric=False)
case("diff", real(2, 4))
case("diff", real(2, 4), 2, 1)
case("cov", real(2, 5))
case("cov", real(2, 5), 0, call=lambda x, c: torch.cov(x, correction=c))
case("corrcoef", real(2, 5))
case("topk", real(2, 4), 2)
case("topk", real(2, 4), 1, 0, False, True)
case("sort", real(2, 4), 1)
case("sort", real(2, 4), 0, True, True, call=lambda x, d, descending, stable: torch.sort(x, dim=d, descending=descending, stable=stable))
case("argsort", real(2, 4), 1)
case("argsort", real(2, 4), 0, True)
case("msort", real(4, 2))
case("kthvalue", real(2, 4), 2, 1, True)
boundaries = torch.tensor([-1.0, 0, 1], dtype=torch.float64)
case("bucketize", real(2, 4), boundaries, call=torch.bucketize, grad=False)
case("bucketize", boundaries, boundaries, True, True, grad=False, call=lambda x, b, i, r: torch.bucketize(x, b, out_int32=i, right=r))
case("searchsorted", boundaries, real(2, 4), call=torch.searchsorted, grad=False)
case("searchsorted", boundaries, boundaries, True, True, grad=False,
     call=lambda s, v, i, r: torch.searchsorted(s, v, out_int32=i, right=r))

# --- shapes and views -------------------------------------------------------------------------------------------------
case("view", real(2, 3), [3, 2])
case("view_as", real(2, 3), real(6))
case("reshape", real(2, 3), [-1])
case("flatten", real(2, 3, 2))
case("flatten", real(2, 3, 2), 1, 2)
case("unflatten", real(2, 6), 1, [2, 3], call=lambda x, d, s: x.view(2, 2, 3))
for name in ("transpose", "swapaxes", "swapdims"):
    case(name, real(2, 3), 0, -1)
case("transpose_", real(2, 3), 0, 1)
case("t", real(2, 3))
case("permute", real(2, 3, 4), [2, 0, 1])
for name in ("movedim", "moveaxis"):
    case(name, real(2, 3, 4), [0, 1], [1, 2])
case("contiguous", real(2, 3))
both("unsqueeze", real(2, 3), 1)
both("squeeze", real(2, 1, 3, 1))
both("squeeze", real(2, 1, 3, 1), 1)
case("expand", real(2, 1), [2, 3])
case("expand_as", real(2, 1), real(2, 3))
case("broadcast_to", real(2, 1), [3, 2, 4])
case("repeat", real(2, 3), [2, 1, 2])
case("repeat_interleave", real(2, 3), 2, 1)
case("repeat_interleave", real(2, 3), torch.tensor([1, 2]), 0)
case("tile", real(2, 3), [2, 1])
case("flip", real(2, 3), [0, 1])
case("roll", real(2, 3), [1], [1])
case("as_strided", real(6), [2, 2], [3, 1], 1)
case("unfold", real(2, 5), 1, 3, 2)
for name in ("tril", "triu"):
    both(name, real(3, 3))
    both(name, real(3, 3), 1)
case("diag", real(3))
case("diag", real(3, 3), 1)
case("diag_embed", real(2, 3))
case("diag_embed", real(2, 3), 1, 0, 2)
case("diagflat", real(2, 2), 1)
case("diagonal", real(3, 3))
case("diagonal", real(2, 3, 3), -1, 1, 2)
case("unbind", real(2, 3), 1)
case("split", real(2, 5), 2, 1)
case("split", real(2, 5), [1, 4], 1)
case("chunk", real(2, 5), 2, 1)
for name in ("cat", "concat"):
    case(name, [real(2, 3), real(1, 3)], call=torch.cat)
case("cat", [real(2, 1), real(2, 3)], 1)
case("concatenate", [real(2, 3), real(1, 3)], call=torch.cat)
case("stack", [real(2, 3), real(2, 3)], 1)
case("hstack", [real(2, 3), real(2, 1)])
case("vstack", [real(2, 3), real(1, 3)])

# --- picking and placing ----------------------------------------------------------------------------------------------
index = torch.tensor([0, 2, 0])
case("select", real(2, 3), 1, -1)
case("narrow", real(4, 3), 0, 1, 2)
case("slice", real(5, 3), 0, 1, 5, 2, call=lambda x, d, a, b, s: x[a:b:s])
case("index_select", real(3, 2), 0, index)
for name in ("index_add", "index_add_"):
    case(name, real(3, 2), 0, index, real(3, 2), 0.5, call=lambda x, d, i, s, a, f=name: getattr(x, f)(d, i, s, alpha=a))
both("index_copy", real(3, 2), 0, torch.tensor([2, 0]), real(2, 2))
both("index_fill", real(3, 2), 0, torch.tensor([2, 0]), 1.5)
columns = torch.tensor([[0, 2], [1, 1]])
case("gather", real(2, 3), 1, columns)
both("scatter", real(2, 3), 1, torch.tensor([[0, 2], [1, 0]]), real(2, 2))
both("scatter_add", real(2, 3), 1, columns, real(2, 2))
case("take", real(2, 3), torch.tensor([0, 4, 4]))
case("take_along_dim", real(2, 3), torch.tensor([0, 4]))
case("take_along_dim", real(2, 3), columns, 1)
mask = torch.tensor([[True, False, True], [False, False, True]])
both("masked_fill", real(2, 3), mask, 1.5)
both("masked_scatter", real(2, 3), mask, real(3))
case("masked_select", real(2, 3), mask)
case("nonzero", whole(0, 2, 2, 3))
case("argwhere", whole(0, 2, 2, 3))
case("torch.where", mask, real(2, 3), real(3), call=torch.where)
case("Tensor.where", real(2, 3), mask, real(3), call=lambda x, condition, y: torch.where(condition, x, y))
case("unique", whole(0, 4, 8), True, True, True)
case("unique", torch.tensor([[1, 2], [1, 2], [0, 5]]), True, True, True, 0)
case("copy_", real(2, 3), real(3))

# --- products and linear algebra --------------------------------------------------------------------------------------
case("matmul", real(2, 3), real(3, 2))
case("matmul", real(2, 2, 3), real(3))
case("matmul", real(3), real(2, 3, 2))
case("mm", real(2, 3), real(3, 2))
case("mv", real(2, 3), real(3))
case("bmm", real(2, 2, 3), real(2, 3, 2))
scaled = lambda name: lambda x, a, b, beta, alpha: getattr(x, name)(a, b, beta=beta, alpha=alpha)
case("addmm", real(2), real(2, 3), real(3, 2))
for name in ("addmm", "addmm_"):
    case(name, real(2, 2), real(2, 3), real(3, 2), 0.5, 2.0, call=scaled(name))
for name in ("addmv", "addmv_"):
    case(name, real(2), real(2, 3), real(3), 0.5, 2.0, call=scaled(name))
for name in ("addr", "addr_"):
    case(name, real(2, 3), real(2), real(3), 0.5, 2.0, call=scaled(name))
for name in ("dot", "vdot", "inner"):
    case(name, real(3), real(3))
case("inner", real(2, 3), real(4, 3))
for name in ("outer", "ger"):
    case(name, real(2), real(3))
case("trace", real(3, 3))
case("det", symmetric(3))
case("logdet", symmetric(3))
case("inverse", symmetric(3))
case("pinverse", real(3, 2))
case("cholesky", symmetric(3), numeric=False)
case("cholesky", symmetric(3), True, numeric=False)
case("matrix_exp", real(3, 3))
case("matrix_power", real(3, 3), 3)
case("tensordot", real(2, 3, 4), real(4, 3), [1, 2], [1, 0], call=lambda a, b, i, j: torch.tensordot(a, b, (i, j)))
case("einsum", "ij,jk->ik", [real(2, 3), real(3, 2)], call=torch.einsum)
case("linalg.cholesky", symmetric(3), numeric=False)
case("linalg.cond", real(3, 2))
case("linalg.cond", symmetric(3), 1.0, grad=False)
case("linalg.det", real(3, 3))
case("linalg.slogdet", real(3, 3))
case("linalg.eigh", symmetric(3), absolute=True, grad=False, types=False)
case("linalg.eigh", symmetric(3), "U", absolute=True, grad=False, types=False)
case("linalg.eigvalsh", symmetric(3), numeric=False)
case("linalg.inv", symmetric(3))
case("linalg.pinv", real(3, 2))
case("linalg.pinv", symmetric(3), 1e-9, None, True, numeric=False,
     call=lambda x, a, r, h: torch.linalg.pinv(x, atol=a, hermitian=h))
case("linalg.pinv", real(3, 2), torch.tensor(1e-9), call=lambda x, a: torch.linalg.pinv(x, atol=a))
case("linalg.matrix_rank", torch.outer(real(3), real(4)))
case("linalg.matrix_rank", symmetric(3), 1e-6, None, True, call=lambda x, a, r, h: torch.linalg.matrix_rank(x, atol=a, hermitian=h))
case("linalg.lstsq", real(4, 2), real(4, 1), grad=False, types=False)
case("linalg.qr", real(3, 2), absolute=True, grad=False, types=False)
case("linalg.solve", symmetric(3), real(3, 2))
case("linalg.solve", symmetric(3), real(2, 3), False, call=lambda a, b, left: torch.linalg.solve(a, b, left=left))
case("linalg.svd", real(3, 2), absolute=True, grad=False, types=False)
case("linalg.svd", real(3, 2), False, absolute=True, grad=False, types=False)
case("linalg.svdvals", real(3, 2))
case("linalg.norm", real(2, 3))
case("linalg.norm", real(2, 3), [1], True, call=lambda x, d, k: torch.linalg.norm(x, dim=d, keepdim=k))
case("linalg.norm", real(2, 3), 1, [1], True)
case("linalg.norm", real(2, 3), 2.0)
case("linalg.norm", real(2, 3), "nuc")
case("linalg.vector_norm", real(2, 3))
case("linalg.vector_norm", real(2, 3), 3.0, [1], True)
case("linalg.matrix_norm", real(2, 3))
case("linalg.matrix_norm", real(2, 2, 3), "nuc", [0, 2], True)
case("linalg.matrix_norm", real(2, 3), 1.0)
case("linalg.matrix_exp", real(3, 3))
case("linalg.multi_dot", [real(2, 3), real(3, 4), real(4, 2)])

# --- functional -------------------------------------------------------------------------------------------------------
case("functional.linear", real(2, 3), real(4, 3))
case("functional.linear", real(2, 3), real(4, 3), real(4))
case("functional.layer_norm", real(2, 4), [4])
case("functional.layer_norm", real(2, 4), [4], real(4), real(4), 1e-3)
labels = torch.tensor([2, 0, -100])
case("functional.cross_entropy", real(3, 4), labels, call=F.cross_entropy)
for mode in ("None", "Mean", "Sum"):
    case("functional.cross_entropy", real(3, 4), labels, positive(4), -100, mode, 0.1,
         call=lambda x, y, w, i, r, s: F.cross_entropy(x, y, weight=w, ignore_index=i, reduction=r.lower(), label_smoothing=s), constant=2)
    case("functional.mse_loss", real(2, 3), real(2, 3), mode, call=lambda x, y, r: F.mse_loss(x, y, reduction=r.lower()))
    case("functional.nll_loss", real(3, 4).log_softmax(1), torch.tensor([1, 0, 3]), None, mode,
         call=lambda x, y, w, r: F.nll_loss(x, y, reduction=r.lower()))
case("functional.one_hot", whole(0, 3, 4), 4, call=F.one_hot)
case("functional.normalize", real(2, 3))
case("functional.normalize", real(2, 3), 1.0, 0, 1e-6)
for name in ("gelu", "sigmoid", "tanh", "relu", "silu"):
    case("functional." + name, real(2, 3))
    case("functional." + name, real(2, 3), False, call=lambda x, i, f=getattr(F, name): f(x))
case("functional.softplus", real(2, 3))
case("functional.dropout", real(4, 4), 0.5, True, seeded=True, numeric=False, types=False)
case("functional.dropout", real(2, 3), 0.5, False)

# --- types and copies -------------------------------------------------------------------------------------------------
for name in "bool byte char short int long half bfloat16 float double".split():
    case(name, torch.tensor([0.0, 1.75, 100.25], dtype=torch.float64), grad=False, types=False)
for name in ("to", "to_type", "type"):
    case(name, real(3), torch.int32, call=lambda x, t: x.to(t), types=False)
    case(name, real(3), torch.float32, call=lambda x, t: x.to(t), types=False, numeric=False)
case("to", real(3), torch.tensor([1]), call=lambda x, y: x.to(y), types=False)
case("type_as", real(3), torch.tensor([1]), types=False)
case("clone", real(2, 3))
case("alias", real(2, 3), call=lambda x: x.view_as(x))
case("cpu", real(2, 3))
case("detach", real(2, 3), types=False)

# --- new tensors ------------------------------------------------------------------------------------------------------
for name in ("zeros", "ones"):
    case(name, [2, 3], call=getattr(torch, name))
    case(name, [2], torch.int64, call=lambda s, t, f=getattr(torch, name): f(s, dtype=t))
    for shape in ((2,), (2, 3), (2, 1, 2), (2, 1, 2, 1)):
        case(name, *shape, call=getattr(torch, name))
    case(name + "_like", real(2, 3))
    case(name + "_like", real(2, 3), torch.int32, call=lambda x, t, f=getattr(torch, name + "_like"): f(x, dtype=t), types=False)
    for shape in ((2,), (2, 3), (2, 1, 2)):
        case("new_" + name, real(2, 3), *shape)
case("new_zeros", real(2), [2, 3])
case("full", [2, 3], 1.5, torch.float64, call=lambda s, v, t: torch.full(s, v, dtype=t))
case("full", [2, 3], 3, call=torch.full)
case("full", [2], True, call=torch.full)
for shape in ((2,), (2, 3), (2, 1, 2), (2, 1, 2, 1)):
    case("full", *shape, 2.5, call=lambda *a: torch.full(a[:-1], a[-1]))
    if len(shape) < 4:
        case("new_full", real(2), *shape, 2.5, call=lambda x, *a: x.new_full(a[:-1], a[-1]))
case("full_like", real(2, 3), 2.5)
case("new_full", real(2), [2, 3], 2.5)
case("arange", 5, call=torch.arange)
case("arange", 2, 5, call=torch.arange)
case("arange", 1, 2, 0.25, call=torch.arange)
case("arange", 0.5, 3.0, call=torch.arange)
case("arange", 5, torch.float32, call=lambda n, t: torch.arange(n, dtype=t))
case("arange", 1, 5, 2, torch.int32, call=lambda a, b, c, t: torch.arange(a, b, c, dtype=t))
case("linspace", -1.0, 1.0, 5, torch.float64, call=lambda a, b, n, t: torch.linspace(a, b, n, dtype=t))
case("eye", 3, call=torch.eye)
case("eye", 2, 3, torch.float64, call=lambda n, m, t: torch.eye(n, m, dtype=t))

# --- random numbers ---------------------------------------------------------------------------------------------------
for name in ("rand", "randn"):
    case(name, [2, 3], call=getattr(torch, name), seeded=True)
    for shape in ((2,), (2, 3), (2, 1, 2), (2, 1, 2, 1)):
        case(name, *shape, call=getattr(torch, name), seeded=True)
    case(name + "_like", real(2, 3), seeded=True)
case("randint", 10, [2, 3], call=torch.randint, seeded=True)
case("randint", 5, 10, [4], call=torch.randint, seeded=True)
case("randperm", 6, call=torch.randperm, seeded=True)
case("bernoulli", unit(2, 3).abs(), seeded=True, grad=False, types=False)
case("bernoulli_", real(2, 3), 0.3, seeded=True, grad=False)
case("multinomial", positive(4), 6, True, seeded=True, grad=False, types=False)
case("uniform_", real(2, 3), -1.0, 2.0, seeded=True, grad=False)
case("normal_", real(2, 3), 1.0, 2.0, seeded=True, grad=False)
case("log_normal_", real(2, 3), 1.0, 0.5, seeded=True, grad=False, types=False)
case("exponential_", real(2, 3), 2.0, seeded=True, grad=False, types=False)
case("random_", real(2, 3), 3.0, 9.0, call=lambda x, a, b: x.random_(int(a), int(b)), seeded=True, grad=False, types=False)

lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in CASES)
pathlib.Path(__file__).with_name("operators.json").write_text(f"[\n{lines}\n]\n")
print(len(CASES), "cases")
