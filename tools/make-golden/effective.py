"""What a wrapped model really computes: matrices read off the unmerged forward pass in float64."""

from __future__ import annotations

import re

import numpy as np
import torch
from peft import PeftModel
from torch import nn

Matrices = dict[str, np.ndarray]
EXPERT_PARAMETERS = {"gate_up_proj": ("gate_proj", "up_proj"), "down_proj": ("down_proj",)}


def as_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().double().numpy()


@torch.no_grad()
def linear_map(module: nn.Module, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias of an affine module, whatever it is wrapped in."""
    bias = module(torch.zeros(1, columns, dtype=torch.float64))
    weight = module(torch.eye(columns, dtype=torch.float64)) - bias
    return as_numpy(weight.T), as_numpy(bias[0])


@torch.no_grad()
def embedding_map(module: nn.Module, rows: int) -> np.ndarray:
    return as_numpy(module(torch.arange(rows)))


def plain_weight(module: nn.Module, name: str = "weight") -> np.ndarray:
    """A norm's weight, through the wrapper of modules_to_save or of LN tuning."""
    saved = getattr(module, "modules_to_save", None) or getattr(module, "ln_tuning_layers", None)
    inner = saved[next(iter(saved))] if saved else module
    return as_numpy(getattr(inner, name))


def effective_weights(model: PeftModel, names: dict[str, tuple[int, ...]]) -> Matrices:
    """W′ of every base tensor in `names` (canonical name and shape), and new biases on top of nothing."""
    wrapped = model.base_model.model
    found: Matrices = {}
    for name, shape in names.items():
        module_name, _, part = name.rpartition(".")
        if ".experts." in name or re.search(r"\.mlp\.gate\.", name) or part != "weight":
            continue
        module = wrapped.get_submodule(module_name)
        if module_name.endswith("embed_tokens"):
            found[name] = embedding_map(module, shape[0])
        elif len(shape) == 1:
            found[name] = plain_weight(module)
        else:
            found[name], bias = linear_map(module, shape[1])
            if f"{module_name}.bias" in names or np.any(bias):
                found[f"{module_name}.bias"] = bias
    return found


def merged_experts(model: PeftModel, names: dict[str, tuple[int, ...]]) -> Matrices:
    """Experts and router read off the merged model, split as the files split them. Ends the wrapped model."""
    if not any(".experts." in name for name in names):
        return {}
    state = model.merge_and_unload().state_dict()
    found: Matrices = {}
    for name, tensor in state.items():
        if re.search(r"\.mlp\.gate\.weight$", name):
            found[name] = as_numpy(tensor)
        elif ".experts." in name:
            found.update(split_experts(name, as_numpy(tensor)))
    return found


def split_experts(name: str, stacked: np.ndarray) -> Matrices:
    prefix, parameter = name.rsplit(".", 1)
    parts = EXPERT_PARAMETERS[parameter]
    return {
        f"{prefix}.{expert}.{part}.weight": block
        for expert, matrix in enumerate(stacked)
        for part, block in zip(parts, np.split(matrix, len(parts)), strict=True)
    }
