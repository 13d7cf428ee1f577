"""Which rows are held out, taken and flipped: orders by SHA-256, so that smaller choices nest in larger ones.

The order for a purpose is that of SHA-256("purpose|seed|row key") in hexadecimal; TypeScript can compute the same.
"""

import dataclasses
from typing import Any

from ..canonical import canonical, text_sha256
from ..config import Data
from .rows import BadRow, Problem, Row

VALIDATION_SEED = 0  # the same rows in every run of a sweep


def give_keys(rows: list[Row]) -> None:
    """Row key: the row's own id, else the hash of its content; repeated ones get a running number."""
    counts: dict[str, int] = {}
    for row in rows:
        key = row.key or text_sha256(canonical(row.fields))
        counts[key] = counts.get(key, 0) + 1
        row.repeated = counts[key] > 1
        row.key = f"{key}#{counts[key]}" if row.repeated else key


def order(purpose: str, seed: int, keys: list[str]) -> list[int]:
    """Places of the keys in the order of their hashes."""
    return sorted(range(len(keys)), key=lambda i: (text_sha256(f"{purpose}|{seed}|{keys[i]}"), keys[i]))


def share_of(share: float, count: int) -> int:
    """round(share x count) with halves up, as JavaScript's Math.round."""
    return int(share * count + 0.5)


def first(purpose: str, seed: int, rows: list[Row], count: int) -> set[int]:
    return set(order(purpose, seed, [row.key for row in rows])[:count])


def wrong_label(label: str, labels: list[str], seed: int, key: str) -> str:
    """The same wrong answer for a row at every level of noise."""
    others = [other for other in labels if other != label]
    return others[int(text_sha256(f"label|{seed}|{key}"), 16) % len(others)]


@dataclasses.dataclass
class Split:
    """Rows as trained (answers already flipped) and held out, in file order."""

    training: list[Row]
    validation: list[Row]
    problems: list[Problem]

    def flips(self) -> list[dict[str, Any]]:
        return [
            {"key": row.key, "line": row.line, "file": row.file, "from": row.flipped_from, "to": row.answer}
            for row in self.training
            if row.flipped_from is not None
        ]


def split_rows(rows: list[Row], data: Data) -> Split:
    """Validation first, then the subset, then the noise, in training rows only.

    A file whose split is `validation` takes the place of the share.
    """
    give_keys(rows)
    validation = [row for row in rows if row.validation]
    training = [row for row in rows if not row.validation]
    if not validation:
        held = first("val", VALIDATION_SEED, training, share_of(data.validation, len(training)))
        validation = [row for i, row in enumerate(training) if i in held]
        training = [row for i, row in enumerate(training) if i not in held]
    if data.subset is not None and data.subset < len(training):
        taken = first("sub", data.subset_seed, training, data.subset)
        training = [row for i, row in enumerate(training) if i in taken]
    return Split(*_flip(training, validation, data))


def _flip(training: list[Row], validation: list[Row], data: Data) -> tuple[list[Row], list[Row], list[Problem]]:
    labels = data.labels
    if labels is None:
        return training, validation, []
    problems = [
        Problem(row.file, row.line, f"the answer {row.answer[:60]!r} is none of the labels")
        for row in training + validation
        if row.answer not in labels
    ]
    noisy = first("noise", data.noise_seed, training, share_of(data.noise, len(training)))
    flipped = []
    for place, row in enumerate(training):
        if place not in noisy or row.answer not in labels:
            flipped.append(row)
            continue
        try:
            flipped.append(row.with_answer(wrong_label(row.answer, labels, data.noise_seed, row.key)))
        except BadRow as failure:
            problems.append(Problem(row.file, row.line, str(failure)))
    return flipped, validation, problems
