"""Writes the full checkpoints and the truth that transformers' own loading gives."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch

from effective import Matrices, as_numpy, split_experts
from files import load_weights, write_truth
from full_cases import FULL_CASES, HEAD, FullCase, load
from make_adapters import truth_of


def loaded(folder: Path) -> Matrices:
    """What a running model holds in float64, experts one by one."""
    found: Matrices = {}
    for name, tensor in load(folder, torch.float64).state_dict().items():
        found.update(split_experts(name, as_numpy(tensor)) if tensor.ndim == 3 else {name: as_numpy(tensor)})
    return found


def tuned_folder(case: FullCase, out: Path) -> Path:
    if isinstance(case.make, str):
        return out / "bases" / case.make
    folder = out / "full" / case.id
    case.make(out, folder)
    return folder


def common(case: FullCase, base: Matrices, tuned: Matrices) -> Matrices:
    return {name: matrix for name, matrix in tuned.items() if name in base and not (case.without_head and name == HEAD)}


def make_full(out: Path) -> list[dict[str, Any]]:
    shutil.rmtree(out / "full", ignore_errors=True)
    entries: list[dict[str, Any]] = []
    for case in FULL_CASES:
        folder = tuned_folder(case, out)
        base = loaded(out / "bases" / case.base)
        tuned = prefix_stripped(folder) if case.id == "prefixed" else loaded(folder)
        truth = truth_of(base, common(case, base, tuned))
        write_truth(out, case.id, truth)
        place = str(folder.relative_to(out))
        entries.append({"id": case.id, "base": f"bases/{case.base}", "tuned": place, "alerts": sorted(case.alerts)})
        print(f"{case.id}: {len(truth['matrices'])} matrices, {len(truth['vectors'])} vectors")
    return entries


def prefix_stripped(folder: Path) -> Matrices:
    """transformers does not know this prefix, so the file itself is the truth."""
    return {name.removeprefix("module."): as_numpy(tensor) for name, tensor in load_weights(folder).items()}
