"""scipy.stats.permutation_test of Pearson's r, vectorised. Arguments: n, measurements, permutations, form.

form "each": one call a measurement, scipy's documented way. form "together": all measurements in one call, the permuted column being theirs in common.
"""
import numpy as np
from scipy import stats

from peer import serve


def setup(n, measurements, permutations, form):
    generator = np.random.default_rng(0)
    y = generator.standard_normal(int(n))
    x = 0.5 * y + generator.standard_normal((int(measurements), int(n)))
    return x, y, int(permutations), form


def unit(values):
    centred = values - values.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).sum(axis=-1, keepdims=True))


def test(statistic, y, permutations):
    return stats.permutation_test(
        (y,), statistic, permutation_type="pairings", vectorized=True, n_resamples=permutations, batch=10_000, random_state=0
    )


def work(state):
    x, y, permutations, form = state
    units, unit_y = unit(x), unit(y)
    if form == "each":
        # Permuting leaves mean and length as they are, so r is one dot product: the fastest statistic that can be passed.
        return [float(test(lambda values, axis, row=row: (values * row).sum(axis=axis), unit_y, permutations).pvalue) for row in units]

    def statistic(values, axis):
        # The largest |r| of all measurements: scipy takes one number a permutation, so the product is what is shared.
        return np.abs(values @ units.T).max(axis=-1)

    return float(test(statistic, unit_y, permutations).pvalue)


serve(setup, work)
