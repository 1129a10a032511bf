"""Writes scipy_cases.json: columns and what scipy and numpy make of them, estimator by estimator.

Run with Debian's python3-scipy: python3 scipy_cases.py > scipy_cases.json
"""
import json
import sys
import warnings

import numpy as np
import scipy
from scipy import stats

warnings.simplefilter("ignore")
generator = np.random.default_rng(20240524)


def columns():
    """Columns of several sizes: normal, skewed over orders of magnitude, with ties, and with a far outlier."""
    for n in (5, 21, 60):
        x = generator.standard_normal(n)
        yield f"normal, n = {n}", x, 0.6 * x + 0.8 * generator.standard_normal(n)
        skewed = np.exp(3 * generator.standard_normal(n))
        yield f"skewed, n = {n}", skewed, np.log(skewed) + generator.standard_normal(n)
        ties = generator.integers(0, 4, n).astype(float)
        yield f"ties, n = {n}", ties, (ties + generator.integers(0, 3, n)).astype(float)
    outlier = generator.standard_normal(21)
    outlier[3] = 1e6
    yield "outlier", outlier, generator.standard_normal(21)


def residual(values, covariates):
    design = np.column_stack([np.ones(len(values)), *covariates])
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def leave_one_out_r2(predictors, y):
    """Each row predicted by a model that was fitted without it."""
    errors = []
    for i in range(len(y)):
        rest = np.delete(np.arange(len(y)), i)
        design = np.column_stack([np.ones(len(y)), *predictors])
        coefficients = np.linalg.lstsq(design[rest], y[rest], rcond=None)[0]
        errors.append(y[i] - design[i] @ coefficients)
    return 1 - np.sum(np.square(errors)) / np.sum((y - y.mean()) ** 2)


def r2(predictors, y):
    return 1 - np.sum(residual(y, predictors) ** 2) / np.sum((y - y.mean()) ** 2)


cases = []
for name, x, y in columns():
    pearson = stats.pearsonr(x, y)
    fisher = pearson.confidence_interval(0.95)
    line = stats.linregress(x, y)
    z = [generator.standard_normal(len(x)) + 0.3 * y, generator.standard_normal(len(x)) + 0.2 * x]
    case = {
        "name": name,
        "x": x.tolist(),
        "y": y.tolist(),
        "z": [column.tolist() for column in z],
        "pearson": pearson.statistic,
        "fisher_interval": [fisher.low, fisher.high],
        "spearman": stats.spearmanr(x, y).statistic,
        "kendall": stats.kendalltau(x, y).statistic,
        "slope": line.slope,
        "intercept": line.intercept,
        "mean": x.mean(),
        "std": x.std(ddof=1),
        "mean_interval": list(stats.t.interval(0.95, len(x) - 1, x.mean(), stats.sem(x))),
        "r_without": [stats.pearsonr(np.delete(x, i), np.delete(y, i)).statistic for i in range(len(x))],
    }
    if len(x) >= 21:
        case["partial"] = stats.pearsonr(residual(x, z), residual(y, z)).statistic
        case["r2"] = r2([x, *z], y)
        case["r2_leave_one_out"] = leave_one_out_r2([x, *z], y)
        bootstrap = stats.bootstrap(
            (x, y), lambda a, b: stats.pearsonr(a, b).statistic, paired=True, vectorized=False, n_resamples=9999, method="BCa", random_state=1
        )
        case["bca_interval"] = [bootstrap.confidence_interval.low, bootstrap.confidence_interval.high]
    half = len(x) // 2

    def difference_p(alternative):
        """scipy enumerates all distinct labellings where they are no more than n_resamples."""
        return stats.permutation_test(
            (y[:half], y[half:]), lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis), vectorized=True, n_resamples=400_000, batch=20_000,
            alternative=alternative, random_state=0,
        ).pvalue

    case["difference"] = {
        "first": half,
        "difference": y[:half].mean() - y[half:].mean(),
        # 2 U / (n m) - 1
        "rank_biserial": 2 * stats.mannwhitneyu(y[:half], y[half:]).statistic / (half * (len(y) - half)) - 1,
        "p_greater": difference_p("greater"),
        "p_less": difference_p("less"),
    }
    if len(x) <= 8:
        for alternative in ("two-sided", "greater", "less"):
            case[f"p_{alternative}"] = stats.permutation_test(
                (x,), lambda a: stats.pearsonr(a, y).statistic, permutation_type="pairings", n_resamples=np.inf, alternative=alternative
            ).pvalue
    cases.append(case)

json.dump({"scipy": scipy.__version__, "numpy": np.__version__, "cases": cases}, sys.stdout, indent=1)
