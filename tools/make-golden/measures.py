"""Facts about one ΔW in float64, by numpy's thin SVD: the other side of every comparison."""

from __future__ import annotations

from typing import Any

import numpy as np

TOP = 10
PROBES = 4
ENERGIES = (50, 90, 95, 99)
# A ΔW that is zero in exact arithmetic comes out of an unmerged forward pass with a few roundings.
ZERO = 1e-12


def digits(value: float, count: int = 9) -> float:
    return float(f"{value:.{count}g}")


def rounded(values: np.ndarray, count: int = 9) -> list[float]:
    return [digits(float(value), count) for value in values]


def probe(length: int, number: int) -> np.ndarray:
    """Entries sin(0.7310585 (number + 1) (j + 1)²): any language makes the same vector."""
    j = np.arange(1, length + 1, dtype=np.float64)
    return np.sin(0.7310585 * (number + 1) * j * j)


def probes(delta: np.ndarray) -> list[float]:
    rows, columns = delta.shape
    return [digits(float(probe(rows, p + PROBES) @ delta @ probe(columns, p)), 10) for p in range(PROBES)]


def effective_ranks(values: np.ndarray) -> dict[str, float]:
    squares = values**2
    share = values[values > 0] / values.sum()
    energy = np.cumsum(squares) / squares.sum()
    ranks: dict[str, float] = {
        "stable": digits(squares.sum() / squares[0]),
        "entropy": digits(float(np.exp(-(share * np.log(share)).sum()))),
        "participation": digits(squares.sum() ** 2 / (squares**2).sum()),
    }
    for level in ENERGIES:
        ranks[f"energy{level}"] = int(np.searchsorted(energy, level / 100 - 1e-12) + 1)
    return ranks


def matrix_truth(base: np.ndarray, tuned: np.ndarray) -> dict[str, Any] | None:
    """None where nothing changed."""
    delta = tuned - base
    frobenius = float(np.linalg.norm(delta))
    if frobenius <= ZERO * np.linalg.norm(base):
        return None
    values = np.linalg.svd(delta, compute_uv=False)
    # Values below the rounding of the forward pass say nothing about ΔW; an exact low rank ends here.
    values = values[values > max(delta.shape) * 1e-14 * max(values[0], np.linalg.norm(base, 2))]
    left0, _, right0 = np.linalg.svd(base, full_matrices=False)
    left, tops, right = np.linalg.svd(tuned, full_matrices=False)
    return {
        "shape": list(delta.shape),
        "frobenius": digits(frobenius, 10),
        "baseFrobenius": digits(float(np.linalg.norm(base)), 10),
        "singularValues": rounded(values),
        "ranks": effective_ranks(values),
        "tuned": rounded(tops[:TOP]),
        "left": rounded(np.abs(left[:, :TOP].T @ left0).max(axis=1), 7),
        "right": rounded(np.abs(right[:TOP] @ right0.T).max(axis=1), 7),
        "probes": probes(delta),
    }


def vector_truth(base: np.ndarray | None, tuned: np.ndarray) -> dict[str, Any] | None:
    delta = tuned if base is None else tuned - base
    frobenius = float(np.linalg.norm(delta))
    size = 0.0 if base is None else float(np.linalg.norm(base))
    if frobenius <= ZERO * size or frobenius == 0:
        return None
    return {"length": len(tuned), "frobenius": digits(frobenius, 10), "baseFrobenius": digits(size, 10)}
