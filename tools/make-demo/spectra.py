"""What fine-tuning did to the weights, and the interventions that scale an intruder down.

A plain reference in torch: it decides intruders by two thin SVDs, as Shuttleworth et al. define them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import Qwen2ForCausalLM


def projections(model: Qwen2ForCausalLM) -> dict[str, Tensor]:
    """The weights of every projection in fp32, by name."""
    return {name: p.detach().float() for name, p in model.named_parameters() if name.endswith("_proj.weight")}


def effective_rank(singular_values: Tensor) -> float:
    """Roy and Vetterli: exp of the entropy of the normalised singular values."""
    p = singular_values / singular_values.sum()
    p = p[p > 1e-12]
    return float(torch.exp(-(p * p.log()).sum()))


def energy_rank(singular_values: Tensor, share: float = 0.9) -> int:
    """Least number of singular values that hold this share of the squared norm."""
    energy = (singular_values**2).cumsum(0) / (singular_values**2).sum()
    return int((energy < share).sum()) + 1


@dataclass
class Matrix:
    """One projection before and after, and the singular vectors of the one after."""

    base: Tensor
    tuned: Tensor
    left: Tensor
    values: Tensor
    right: Tensor
    intruders: list[int]  # positions among the top k singular vectors of the tuned weight
    effective_rank: float
    energy_rank: int
    relative_change: float


def analyse(base: Qwen2ForCausalLM, tuned: Qwen2ForCausalLM, top: int = 10, epsilon: float = 0.5) -> dict[str, Matrix]:
    """Shuttleworth et al.: a top-k left singular vector of W is an intruder when its
    largest |cosine| with all left singular vectors of W0 stays below epsilon."""
    found: dict[str, Matrix] = {}
    base_weights = projections(base)
    for name, after in projections(tuned).items():
        before = base_weights[name]
        base_left = torch.linalg.svd(before, full_matrices=False).U
        left, values, right = torch.linalg.svd(after, full_matrices=False)
        best = (base_left.T @ left[:, :top]).abs().amax(0)
        change = torch.linalg.svdvals(after - before)
        found[name] = Matrix(
            before,
            after,
            left,
            values,
            right,
            [j for j in range(top) if best[j] < epsilon],
            effective_rank(change),
            energy_rank(change),
            float((after - before).norm() / before.norm()),
        )
    return found


def summary(matrices: dict[str, Matrix]) -> dict[str, float]:
    """Counts of intruders, and means over the matrices."""

    def mean(pick: Callable[[Matrix], float]) -> float:
        return sum(pick(m) for m in matrices.values()) / len(matrices)

    return {
        "intruders": sum(len(m.intruders) for m in matrices.values()),
        "matrices_with_intruder": sum(bool(m.intruders) for m in matrices.values()),
        "matrices": len(matrices),
        "effective_rank": mean(lambda m: m.effective_rank),
        "energy_rank_90": mean(lambda m: m.energy_rank),
        "relative_change": mean(lambda m: m.relative_change),
    }


ARMS = ("intruder", "same_step", "same_norm")


def scaled(tuned: Qwen2ForCausalLM, matrices: dict[str, Matrix], factor: float, arm: str) -> Qwen2ForCausalLM:
    """Multiply the strongest intruder of each matrix by factor, or apply one of two controls
    to the same matrices: shrink the whole update by a step of the same length, or to the same norm."""
    changed = Qwen2ForCausalLM(tuned.config)
    changed.load_state_dict(tuned.state_dict())
    parameters = dict(changed.named_parameters())
    for name, m in matrices.items():
        if not m.intruders:
            continue
        j = m.intruders[0]
        target = m.tuned + (factor - 1) * m.values[j] * torch.outer(m.left[:, j], m.right[j])
        update = m.tuned - m.base
        if arm == "same_step":
            target = m.base + update * max(0.0, 1 - float((target - m.tuned).norm() / update.norm()))
        elif arm == "same_norm":
            target = m.base + update * float((target - m.base).norm() / update.norm())
        parameters[name].data.copy_(target)
    return changed
