"""Compares what `intervene`, `merge`, `extract-lora` and `average` wrote with what they should have written.

Everything here is independent of DeltaScope: weights come from transformers and peft, merged in float64, and singular
triplets from numpy. Reads a list of cases as JSON on standard input, writes one JSON object per case:

    {"edit": "intervene", "base": "demo/base", "tuned": "demo/lora-r1", "out": "…", "arm": "scale", "lambda": 0.7,
     "which": "strongest"}     (or "all", or {"model.layers.0.mlp.up_proj": [0, 2]})
    {"edit": "merge", "base": "…", "tuned": "…", "out": "…", "dtype": "BF16"}
    {"edit": "extract-lora", "base": "…", "tuned": "…", "out": "…", "rank": 4}
    {"edit": "average", "base": "…", "members": ["…", "…"], "weights": [1, 3], "out": "…"}
    {"edit": "factors", "base": "…", "tuned": "…", "model": "…", "factors": "….safetensors", "arm": …}

Answers: the largest ‖ΔW_read − ΔW_meant‖ / ‖ΔW_meant‖ over all weights that change, and its name. `factors` is a
variant as the scorer runs it: a checkpoint with factors on its linear layers. With `dtype` the result is meant to be
rounded to that type.

    python tools/check-edits/main.py < cases.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import PeftModel
from safetensors.numpy import load_file
from transformers import AutoModelForCausalLM

Matrix = NDArray[np.float64]
Weights = dict[str, Matrix]
Case = dict[str, Any]

TOP_K, EPSILON = 10, 0.5
"""The intruder test of the paper, as the commands have it by default."""


def weights(base: str, source: str | None = None) -> Weights:
    """All parameters in float64, by name; those of an adapter merged into the base by peft."""
    folder = Path(source or base)
    is_adapter = (folder / "adapter_config.json").exists()
    model = AutoModelForCausalLM.from_pretrained(base if is_adapter else folder, dtype=torch.float64)
    if is_adapter:
        model = PeftModel.from_pretrained(model, str(folder), autocast_adapter_dtype=False).to(torch.float64)
        model = model.merge_and_unload()
    return {name: tensor.detach().numpy().copy() for name, tensor in model.named_parameters()}


def changes(before: Weights, after: Weights) -> Weights:
    """Differences that are not zero; a head of its own is compared with the embedding that it shared before."""
    shared = {"lm_head.weight": "model.embed_tokens.weight"}
    old = {name: before[name if name in before else shared[name]] for name in after}
    return {name: after[name] - old[name] for name in after if not np.array_equal(after[name], old[name])}


def rounded(value: Matrix, dtype: str) -> Matrix:
    types = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32}
    return torch.from_numpy(value).to(types[dtype]).to(torch.float64).numpy()


def in_layers(name: str, value: Matrix) -> bool:
    return value.ndim == 2 and ".layers." in name


class Triplets:
    """Singular triplets of the tuned matrix, and which of the top k are intruders."""

    def __init__(self, before: Matrix, after: Matrix) -> None:
        self.left, self.values, self.right = np.linalg.svd(after, full_matrices=False)
        base_left = np.linalg.svd(before, full_matrices=False)[0]
        best = np.abs(base_left.T @ self.left[:, :TOP_K]).max(axis=0)
        self.intruders = [j for j in range(min(TOP_K, len(self.values))) if best[j] < EPSILON]
        self.others = [j for j in range(min(TOP_K, len(self.values))) if best[j] >= EPSILON]

    def term(self, index: int) -> Matrix:
        return self.values[index] * np.outer(self.left[:, index], self.right[index])

    def neighbours(self, chosen: list[int]) -> list[int]:
        free, taken = [j for j in self.others if j not in chosen], []
        for index in chosen:
            nearest = min(free, key=lambda j: abs(self.values[j] - self.values[index]), default=None)
            if nearest is not None:
                free.remove(nearest)
                taken.append(nearest)
        return taken


def choice(triplets: Triplets, name: str, which: str | dict[str, list[int]]) -> list[int]:
    if isinstance(which, dict):
        return which.get(name.removesuffix(".weight"), [])
    return triplets.intruders if which == "all" else triplets.intruders[:1]


def edited(name: str, before: Matrix, after: Matrix, case: Case) -> Matrix | None:
    """ΔW′ of one matrix; None where nothing is chosen."""
    delta, factor, arm = after - before, case["lambda"], case["arm"]
    if arm == "interpolate":
        return factor * delta
    triplets = Triplets(before, after)
    chosen = choice(triplets, name, case["which"])
    if not chosen:
        return None
    places = triplets.neighbours(chosen) if arm == "neighbour" else chosen
    change = sum(((factor - 1) * triplets.term(j) for j in places), np.zeros_like(delta))
    norm = np.linalg.norm
    if arm == "step":
        step = float(norm(change) / norm(delta))
        return max(0.0, 1 - step if factor < 1 else 1 + step) * delta
    if arm == "shrink":
        return float(norm(delta + change) / norm(delta)) * delta
    if arm == "rescaled":
        return float(norm(delta) / norm(delta + change)) * (delta + change)
    return delta + change


def meant_by_intervention(case: Case) -> Weights:
    before = weights(case["base"])
    after = weights(case["base"], case["tuned"])
    meant = changes(before, after)
    if case.get("arm") is None:
        return meant
    whole = case["arm"] == "interpolate"
    for name in list(meant):
        if in_layers(name, before[name]):
            target = edited(name, before[name], after[name], case)
            meant[name] = meant[name] if target is None else target
        elif whole:
            meant[name] = case["lambda"] * meant[name]
    return meant


def meant_by_extraction(case: Case) -> Weights:
    meant = changes(weights(case["base"]), weights(case["base"], case["tuned"]))
    short: Weights = {}
    for name, delta in meant.items():
        if not in_layers(name, delta):
            continue
        left, values, right = np.linalg.svd(delta, full_matrices=False)
        energy = np.cumsum(values**2) / np.sum(values**2)
        rank = case["rank"] if "rank" in case else int(np.searchsorted(energy, case["energy"])) + 1
        short[name] = (left[:, :rank] * values[:rank]) @ right[:rank]
    return short


def meant_by_average(case: Case) -> Weights:
    before = weights(case["base"])
    members = [changes(before, weights(case["base"], member)) for member in case["members"]]
    shares = np.array(case.get("weights") or [1] * len(members), dtype=np.float64)
    meant: Weights = {}
    for share, member in zip(shares / shares.sum(), members, strict=True):
        for name, delta in member.items():
            meant[name] = meant.get(name, 0) + share * delta
    return meant


def read(case: Case) -> Weights:
    before = weights(case["base"])
    if case["edit"] != "factors":
        return changes(before, weights(case["base"], case["out"]))
    found = changes(before, weights(case["model"]))
    factors = load_file(case["factors"]) if case["factors"] else {}
    for key in factors:
        if key.endswith(".A"):
            module = key[:-2]
            update = factors[f"{module}.B"].astype(np.float64) @ factors[key].astype(np.float64)
            found[f"{module}.weight"] = found.get(f"{module}.weight", 0) + update
    return found


MEANT = {
    "intervene": meant_by_intervention,
    "merge": meant_by_intervention,
    "factors": meant_by_intervention,
    "extract-lora": meant_by_extraction,
    "average": meant_by_average,
}


def check(case: Case) -> dict[str, Any]:
    meant, found = MEANT[case["edit"]](case), read(case)
    if "dtype" in case:
        before = weights(case["base"])
        meant = {name: rounded(before[name] + delta, case["dtype"]) - before[name] for name, delta in meant.items()}
    worst, where = 0.0, ""
    for name in meant.keys() | found.keys():
        want, got = meant.get(name, 0), found.get(name, 0)
        size = float(np.linalg.norm(want))
        error = float(np.linalg.norm(got - want))
        relative = error / size if size > 0 else (0.0 if error == 0 else float("inf"))
        if relative > worst:
            worst, where = relative, name
    norm = float(np.sqrt(sum(np.linalg.norm(delta) ** 2 for delta in meant.values())))
    return {"error": worst, "where": where, "changed": len(meant), "norm": norm}


if __name__ == "__main__":
    for line in json.load(sys.stdin):
        print(json.dumps(check(line)), flush=True)
