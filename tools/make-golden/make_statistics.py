"""Writes test/golden/statistics.json: what scipy and statsmodels say of fixed inputs.

pip install scipy statsmodels numpy
python tools/make-golden/make_statistics.py > test/golden/statistics.json
"""

import json

import numpy
import scipy
import statsmodels
from scipy.stats import binomtest, permutation_test, rankdata, spearmanr
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

PAIRS = [(0, 0), (1, 0), (0, 5), (5, 6), (21, 6), (3, 30), (60, 60), (400, 300), (2000, 1500), (900, 100)]
DRAWS = 200_000
random = numpy.random.default_rng(7)


def mcnemar_cases() -> list[dict]:
    cases = []
    for lost, gained in PAIRS:
        p = mcnemar([[10, lost], [gained, 10]], exact=True).pvalue if lost + gained else 1.0
        if lost + gained:
            assert abs(p - binomtest(lost, lost + gained).pvalue) <= 1e-9 * p
        cases.append({"lost": lost, "gained": gained, "p": float(p)})
    return cases


def adjusted_cases() -> list[dict]:
    families = [[0.04], [0.01, 0.04, 0.03], [0.5, 0.5, 0.001, 0.02, 0.02], random.random(40).round(4).tolist()]
    return [
        {
            "p": family,
            "holm": multipletests(family, method="holm")[1].tolist(),
            "bh": multipletests(family, method="fdr_bh")[1].tolist(),
        }
        for family in families
    ]


def ratio_interval(change: numpy.ndarray, weight: numpy.ndarray) -> dict:
    """Percentile interval of sum(change) / sum(weight) over drawn units, with the spread of its ends."""
    ends = []
    for _ in range(8):
        values = []
        for _ in range(DRAWS // 8000):
            drawn = random.integers(0, len(change), (1000, len(change)))
            values.append(change[drawn].sum(1) / weight[drawn].sum(1))
        ends.append(numpy.quantile(numpy.concatenate(values), [0.025, 0.975]))
    low, high = numpy.mean(ends, axis=0)
    return {"change": change.tolist(), "weight": weight.tolist(), "low": float(low), "high": float(high)}


def bootstrap_cases() -> list[dict]:
    items = random.choice([-1.0, 0.0, 1.0], 300, p=[0.08, 0.9, 0.02])
    groups = random.integers(-2, 3, 40).astype(float)
    sizes = random.integers(1, 6, 40).astype(float)
    size = random.integers(200, 2000, 60).astype(float)
    bits = size * random.normal(0.03, 0.05, 60)
    return [
        ratio_interval(items, numpy.ones(300)),
        ratio_interval(groups, sizes),
        ratio_interval(bits, size),
    ]


def exact_p(x: list[float], y: list[float]) -> float:
    test = permutation_test(
        (x,),
        lambda first: spearmanr(first, y).statistic,
        permutation_type="pairings",
        n_resamples=numpy.inf,
        alternative="two-sided",
    )
    # Two-sided as the share of orders at least as far from zero; scipy doubles the smaller tail.
    return float(numpy.mean(numpy.abs(test.null_distribution) >= abs(test.statistic) - 1e-9))


def partial(x: list[float], y: list[float], z: list[float]) -> float:
    """Correlation of the residuals of ranks after regressing out the ranks of z."""
    ranks = [rankdata(values) for values in (x, y, z)]
    ground = numpy.column_stack([numpy.ones(len(x)), ranks[2]])
    left = [values - ground @ numpy.linalg.lstsq(ground, values, rcond=None)[0] for values in ranks[:2]]
    return float(numpy.corrcoef(*left)[0, 1])


def spearman_cases() -> list[dict]:
    cases = []
    for count, tied in [(4, False), (6, True), (7, False), (8, True), (30, True)]:
        x, y, z = (random.normal(size=count).round(0 if tied else 6).tolist() for _ in range(3))
        y = [value + 0.8 * other for value, other in zip(y, x, strict=True)]
        case = {"x": x, "y": y, "z": z, "rho": float(spearmanr(x, y).statistic), "partial": partial(x, y, z)}
        case["p"] = exact_p(x, y) if count <= 8 else None
        case["asymptotic"] = float(spearmanr(x, y).pvalue)
        cases.append(case)
    return cases


print(
    json.dumps(
        {
            "versions": {name.__name__: name.__version__ for name in (numpy, scipy, statsmodels)},
            "mcnemar": mcnemar_cases(),
            "adjusted": adjusted_cases(),
            "bootstrap": bootstrap_cases(),
            "spearman": spearman_cases(),
        }
    )
)
