"""What people and other tools do to an adapter after peft has saved it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, read_json, save_weights, write_json
from seeded import generator, normal

Edit = Callable[[Path], None]
Tensors = dict[str, torch.Tensor]
LAYER = "base_model.model.model.layers"
OLD_KEYS = [
    *("base_model_name_or_path", "bias", "fan_in_fan_out", "inference_mode", "init_lora_weights"),
    *("layers_pattern", "layers_to_transform", "lora_alpha", "lora_dropout", "modules_to_save"),
    *("peft_type", "r", "revision", "target_modules", "task_type"),
]


def edit_config(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    write_json(folder / ADAPTER_CONFIG, change(read_json(folder / ADAPTER_CONFIG)))


def edit_tensors(folder: Path, change: Callable[[Tensors], Tensors]) -> None:
    save_weights(folder / ADAPTER_WEIGHTS, change(load_file(folder / ADAPTER_WEIGHTS)))


def set_config(**values: Any) -> Edit:
    return lambda folder: edit_config(folder, lambda config: {**config, **values})


def drop_config(*keys: str) -> Edit:
    return lambda folder: edit_config(folder, lambda old: {key: old[key] for key in old if key not in keys})


def old_config(folder: Path) -> None:
    """The fifteen keys of a file from 2023."""
    edit_config(folder, lambda config: {key: config.get(key) for key in OLD_KEYS})


def drop_tensors(part: str) -> Edit:
    return lambda folder: edit_tensors(folder, lambda old: {key: old[key] for key in old if part not in key})


def overlapping_alphas(folder: Path) -> None:
    """Two keys that both match: the file's order decides, and this order is not the sorted one."""
    edit_config(
        folder, lambda config: {**config, "alpha_pattern": {"q_proj": 2, "layers.1.self_attn.q_proj": 30, "v_proj": 24}}
    )


def name_in_keys(name: str) -> Edit:
    def rename(tensors: Tensors) -> Tensors:
        return {key.replace(".weight", f".{name}.weight"): tensor for key, tensor in tensors.items()}

    return lambda folder: edit_tensors(folder, rename)


def drawn(shape: tuple[int, ...], name: str) -> torch.Tensor:
    return normal(shape, generator(name)).float()


def add_full_tensors(folder: Path) -> None:
    """A norm, a matrix and a bias of modules that the configuration does not target."""
    extra = {
        "base_model.model.model.norm.weight": 1 + 0.1 * drawn((32,), "replaced-norm"),
        f"{LAYER}.1.mlp.up_proj.weight": drawn((40, 32), "replaced-up"),
        f"{LAYER}.0.self_attn.k_proj.bias": drawn((16,), "replaced-bias"),
    }
    edit_tensors(folder, lambda tensors: {**tensors, **extra})


def replace_base_layer(folder: Path) -> None:
    """A full matrix under a wrapped module: its factors act on top of it."""
    extra = {f"{LAYER}.0.self_attn.q_proj.base_layer.weight": drawn((32, 32), "replaced-q")}
    edit_tensors(folder, lambda tensors: {**tensors, **extra})


def add_wrapped_bias(folder: Path) -> None:
    """The key under which old versions stored the bias of a wrapped module."""
    extra = {f"{LAYER}.0.self_attn.q_proj.bias": drawn((32,), "ignored-bias")}
    edit_tensors(folder, lambda tensors: {**tensors, **extra})


def train_stored_embeddings(folder: Path) -> None:
    """A resized vocabulary stores embedding and head whole; here their rows moved as well."""
    edit_tensors(folder, lambda old: {key: old[key] * (1 if "lora" in key else 1.02) for key in old})


def single_expert_factors(folder: Path) -> None:
    """As transformers 4 stored them: an ordinary LoRA of rank 2 for every projection of every expert."""
    targets = ["down_proj", "gate_proj", "up_proj"]
    set_config(target_modules=targets, target_parameters=None, rank_pattern={}, alpha_pattern={})(folder)
    shapes = {"gate_proj": (24, 32), "up_proj": (24, 32), "down_proj": (32, 24)}
    tensors: Tensors = {}
    for expert in range(3):
        for part, (rows, columns) in shapes.items():
            module = f"{LAYER}.1.mlp.experts.{expert}.{part}"
            tensors[f"{module}.lora_A.weight"] = drawn((2, columns), f"{module}.A") / columns**0.5
            tensors[f"{module}.lora_B.weight"] = 0.3 * drawn((rows, 2), f"{module}.B")
    save_weights(folder / ADAPTER_WEIGHTS, tensors)


def dense_beside_experts(folder: Path) -> None:
    """Experts as above and the dense layer below them, with one configuration for both."""
    single_expert_factors(folder)
    factors = {
        f"{LAYER}.0.mlp.up_proj.lora_A.weight": drawn((2, 32), "dense.A"),
        f"{LAYER}.0.mlp.up_proj.lora_B.weight": 0.1 * drawn((40, 2), "dense.B"),
    }
    edit_tensors(folder, lambda tensors: {**tensors, **factors})
