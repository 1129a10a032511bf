"""scipy.stats.permutation_test of Pearson's r, vectorised. Arguments: n, permutations."""
import numpy as np
from scipy import stats

from peer import serve


def setup(n, permutations):
    generator = np.random.default_rng(0)
    x = generator.standard_normal(int(n))
    y = 0.5 * x + generator.standard_normal(int(n))
    return x, y, int(permutations)


def work(state):
    x, y, permutations = state
    centred_y = y - y.mean()
    scale = np.sqrt(((x - x.mean()) ** 2).sum() * (centred_y**2).sum())

    def statistic(values, axis):
        return ((values - values.mean(axis=axis, keepdims=True)) * centred_y).sum(axis=axis) / scale

    result = stats.permutation_test(
        (x,), statistic, permutation_type="pairings", vectorized=True, n_resamples=permutations, batch=10_000, random_state=0
    )
    return float(result.pvalue)


serve(setup, work)
