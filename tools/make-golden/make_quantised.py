"""Writes 8-bit copies of a base in every layout of scales, and the truth: value · scale in float64, by torch alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from effective import Matrices, as_numpy
from files import ADAPTER_WEIGHTS, fresh, load_file, load_weights, read_json, save_weights, write_json, write_truth
from make_adapters import truth_of
from seeded import generator, normal

BASE = "qwen3-bf16"
# Divides neither the 32 columns nor the 40 rows of the matrices: every edge is ragged.
BLOCK = (24, 20)
LARGEST = torch.finfo(torch.float8_e4m3fn).max
DEQUANTISED, DTYPE = "checkpoint.dequantised", "checkpoint.dtype-differs"
Tensors = dict[str, torch.Tensor]


def grown(scale: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """One factor for every entry; the last blocks of both axes are cut off."""
    if scale.numel() == 1:
        return scale.reshape(1, 1).expand(shape)
    if scale.shape == (shape[0], 1):
        return scale.expand(shape)
    return scale.repeat_interleave(BLOCK[0], 0).repeat_interleave(BLOCK[1], 1)[: shape[0], : shape[1]]


def by_blocks(matrix: torch.Tensor) -> torch.Tensor:
    rows, columns = (range(0, size, block) for size, block in zip(matrix.shape, BLOCK, strict=True))
    blocks = [[matrix[i : i + BLOCK[0], j : j + BLOCK[1]].abs().max() for j in columns] for i in rows]
    return torch.tensor(blocks) / LARGEST


def by_rows(matrix: torch.Tensor) -> torch.Tensor:
    return (matrix.abs().amax(1, keepdim=True) / LARGEST).bfloat16()


def whole(matrix: torch.Tensor) -> torch.Tensor:
    return (matrix.abs().max() / LARGEST).float()


LAYOUTS: dict[str, tuple[str, Callable[[torch.Tensor], torch.Tensor], dict[str, Any]]] = {
    "blocks": ("weight_scale_inv", by_blocks, {"quant_method": "fp8", "weight_block_size": list(BLOCK)}),
    "rows": ("weight_scale", by_rows, {"quant_method": "compressed-tensors", "format": "float-quantized"}),
    "tensor": ("weight_scale", whole, {"quant_method": "compressed-tensors", "format": "float-quantized"}),
}


def quantised(tensors: Tensors, layout: str) -> Tensors:
    part, scale_of, _ = LAYOUTS[layout]
    result: Tensors = {}
    for name, tensor in tensors.items():
        if tensor.ndim != 2 or ".layers." not in name:
            result[name] = tensor
            continue
        scale = scale_of(tensor.float()).float()
        stored = (tensor.float() / grown(scale, tensor.shape)).to(torch.float8_e4m3fn)
        module = name.removesuffix("weight")
        result |= {name: stored, module + part: scale_of(tensor.float()), module + "input_scale": torch.ones(1)}
    return result


def dequantised(folder: Path, layout: str) -> Matrices:
    """What the stored numbers mean."""
    tensors, part = load_weights(folder), LAYOUTS[layout][0]
    found: Matrices = {}
    for name, tensor in tensors.items():
        scale = tensors.get(name.removesuffix("weight") + part)
        if name.endswith(("_scale", "_scale_inv")):
            continue
        value = tensor.double() if scale is None else tensor.double() * grown(scale.double(), tensor.shape)
        found[name] = as_numpy(value)
    return found


def write_quantised(out: Path, folder: Path, tensors: Tensors, layout: str) -> None:
    fresh(folder)
    config = read_json(out / "bases" / BASE / "config.json")
    write_json(folder / "config.json", {**config, "quantization_config": LAYOUTS[layout][2]})
    save_weights(folder / "model.safetensors", quantised(tensors, layout))


def moved(tensors: Tensors) -> Tensors:
    stream = generator("fp8-moved")
    return {
        name: (tensor.double() + 0.02 * normal(tensor.shape, stream)).to(tensor.dtype)
        for name, tensor in sorted(tensors.items())
    }


def with_dora(base: Matrices, folder: Path) -> Matrices:
    """W′ = m · (W + s·B·A) / ‖W + s·B·A‖ by rows."""
    config, factors = read_json(folder / "adapter_config.json"), load_file(folder / ADAPTER_WEIGHTS)
    scale = config["lora_alpha"] / config["r"] ** 0.5
    result = dict(base)
    for key, a in factors.items():
        if not key.endswith("lora_A.weight"):
            continue
        place = key.removesuffix("lora_A.weight")
        name = place.removeprefix("base_model.model.") + "weight"
        change = factors[place + "lora_B.weight"].double() @ a.double()
        both = base[name] + scale * as_numpy(change)
        magnitude = as_numpy(factors[place + "lora_magnitude_vector"].double())
        result[name] = both * (magnitude / np.linalg.norm(both, axis=1))[:, None]
    return result


def make_quantised(out: Path) -> list[dict[str, Any]]:
    original = load_weights(out / "bases" / BASE)
    plain: Matrices = {name: as_numpy(tensor.double()) for name, tensor in original.items()}
    entries: list[dict[str, Any]] = []

    def case(name: str, base: tuple[str, Matrices], tuned: tuple[str, Matrices], alerts: list[str]) -> None:
        write_truth(out, name, truth_of(base[1], tuned[1]))
        entries.append({"id": name, "base": base[0], "tuned": tuned[0], "alerts": alerts})

    folders: dict[str, tuple[str, Matrices]] = {}
    for layout in LAYOUTS:
        place = f"full/fp8-{layout}"
        write_quantised(out, out / place, original, layout)
        folders[layout] = (place, dequantised(out / place, layout))
        case(f"fp8-{layout}", (f"bases/{BASE}", plain), folders[layout], [DEQUANTISED, DTYPE])
    place = "full/fp8-moved"
    write_quantised(out, out / place, moved(original), "blocks")
    case("fp8-both", folders["blocks"], (place, dequantised(out / place, "blocks")), [DEQUANTISED])
    case("fp8-base", folders["rows"], (f"bases/{BASE}", plain), [DTYPE])
    dora = with_dora(folders["blocks"][1], out / "adapters/dora-rslora")
    case("fp8-dora", folders["blocks"], ("adapters/dora-rslora", dora), ["adapter.base-name-differs"])
    return entries
