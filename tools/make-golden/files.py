"""Reading and writing of the small files: always the same bytes for the same content."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

UNWANTED = ("README.md", "generation_config.json")
ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_truth(out: Path, name: str, truth: dict[str, dict[str, Any]]) -> None:
    """One line per module: small, and still readable in a diff."""
    parts = []
    for group, entries in truth.items():
        lines = [f"{json.dumps(key)}: {json.dumps(entry, separators=(',', ':'))}" for key, entry in entries.items()]
        parts.append(f'"{group}": {{\n' + ",\n".join(lines) + "\n}")
    (out / "truth" / f"{name}.json").write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def load_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Every tensor of a model folder, single or sharded."""
    tensors: dict[str, torch.Tensor] = {}
    for path in sorted(folder.glob("model*.safetensors")):
        tensors.update(load_file(path))
    return tensors


def save_weights(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, {"format": "pt"})


def tidy(folder: Path, base_name: str | None = None) -> None:
    """Leaves only configuration and weights; sets have an order of their own in every process, so they are sorted."""
    for path in list(folder.rglob("*")):
        if path.name in UNWANTED:
            path.unlink()
    for path in folder.rglob(ADAPTER_CONFIG):
        config = read_json(path)
        for key in ("target_modules", "modules_to_save", "exclude_modules", "target_parameters"):
            if isinstance(config.get(key), list):
                config[key] = sorted(config[key])
        config["base_model_name_or_path"] = base_name
        write_json(path, config)
