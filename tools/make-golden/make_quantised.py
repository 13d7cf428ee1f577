"""Writes 8-bit copies of a base in every layout of scales, and the truth: value · scale in float64, by torch alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from effective import Matrices, as_numpy, split_experts
from files import ADAPTER_WEIGHTS, fresh, load_file, load_weights, read_json, save_weights, write_json, write_truth
from make_adapters import truth_of
from make_full import loaded
from seeded import generator, normal

BASE, EXPERTS = "qwen3-bf16", "full/experts-stacked"
LARGEST = torch.finfo(torch.float8_e4m3fn).max
DEQUANTISED, DTYPE = "checkpoint.dequantised", "checkpoint.dtype-differs"
Tensors = dict[str, torch.Tensor]
Block = tuple[int, int]


def grown(scale: torch.Tensor, shape: torch.Size, block: Block) -> torch.Tensor:
    """One factor for every entry; the last blocks of both axes are cut off. Stacks hold one grid for each matrix."""
    if scale.numel() == 1:
        return scale.reshape([1] * len(shape)).expand(shape)
    rows, columns = shape[-2:]
    return scale.repeat_interleave(block[0], -2).repeat_interleave(block[1], -1)[..., :rows, :columns]


def by_blocks(matrix: torch.Tensor, block: Block) -> torch.Tensor:
    """The largest entry of each block becomes the largest number of eight bits."""
    rows, columns = matrix.shape[-2:]
    corners = [[(i, j) for j in range(0, columns, block[1])] for i in range(0, rows, block[0])]
    largest = [
        [matrix[..., i : i + block[0], j : j + block[1]].abs().amax((-2, -1)) for i, j in line] for line in corners
    ]
    return torch.stack([torch.stack(line, -1) for line in largest], -2) / LARGEST


def by_rows(matrix: torch.Tensor, _: Block) -> torch.Tensor:
    return (matrix.abs().amax(1, keepdim=True) / LARGEST).bfloat16()


def whole(matrix: torch.Tensor, _: Block) -> torch.Tensor:
    return (matrix.abs().max() / LARGEST).float()


def powers(matrix: torch.Tensor, block: Block) -> torch.Tensor:
    """As transformers' `scale_fmt: ue8m0`: rounded up to powers of two."""
    return by_blocks(matrix, block).log2().ceil().exp2().to(torch.float8_e8m0fnu)


def exponents(matrix: torch.Tensor, block: Block) -> torch.Tensor:
    """As `mxfp8-quantized` of compressed-tensors: exponents + 127 in plain bytes."""
    return powers(matrix, block).view(torch.uint8)


def value_of(scale: torch.Tensor) -> torch.Tensor:
    return (scale.double() - 127).exp2() if scale.dtype == torch.uint8 else scale.float().double()


@dataclass(frozen=True)
class Layout:
    part: str
    scale_of: Callable[[torch.Tensor, Block], torch.Tensor]
    settings: dict[str, Any]
    block: Block = (1, 1_000)


# Divides neither the 32 columns nor the 40 rows of the matrices: every edge is ragged.
RAGGED = (24, 20)
# Ends inside the 24 rows of gate, so that one factor serves rows of gate and of up.
ACROSS = (20, 24)
FLOATS = {"quant_method": "compressed-tensors", "format": "float-quantized"}
GROUPS = {"group_0": {"weights": {"num_bits": 8, "type": "float", "strategy": "group", "group_size": 8}}}

LAYOUTS: dict[str, Layout] = {
    "blocks": Layout("_scale_inv", by_blocks, {"quant_method": "fp8", "weight_block_size": list(RAGGED)}, RAGGED),
    "rows": Layout("_scale", by_rows, FLOATS),
    "tensor": Layout("_scale", whole, FLOATS),
    "powers": Layout(
        "_scale_inv", powers, {"quant_method": "fp8", "weight_block_size": list(RAGGED), "scale_fmt": "ue8m0"}, RAGGED
    ),
    "groups": Layout("_scale", exponents, {**FLOATS, "format": "mxfp8-quantized", "config_groups": GROUPS}, (1, 8)),
    "experts": Layout("_scale_inv", by_blocks, {"quant_method": "fp8", "weight_block_size": list(ACROSS)}, ACROSS),
    "experts-powers": Layout(
        "_scale_inv", powers, {"quant_method": "fp8", "weight_block_size": list(ACROSS), "scale_fmt": "ue8m0"}, ACROSS
    ),
}


def quantised(tensors: Tensors, layout: Layout) -> Tensors:
    result: Tensors = {}
    for name, tensor in tensors.items():
        if tensor.ndim < 2 or ".layers." not in name or name.endswith(".mlp.gate.weight"):
            result[name] = tensor
            continue
        scale = layout.scale_of(tensor.float(), layout.block)
        stored = (tensor.float() / grown(value_of(scale).float(), tensor.shape, layout.block)).to(torch.float8_e4m3fn)
        activations = name.removesuffix("weight") + "input_scale" if tensor.ndim == 2 else f"{name}_activation_scale"
        result |= {name: stored, name + layout.part: scale, activations: torch.ones(1)}
    return result


def dequantised(folder: Path, layout: Layout) -> Matrices:
    """What the stored numbers mean."""
    tensors = load_weights(folder)
    found: Matrices = {}
    for name, tensor in tensors.items():
        if name.endswith(("_scale", "_scale_inv")):
            continue
        scale = tensors.get(name + layout.part)
        value = tensor.double()
        if scale is not None:
            value *= grown(value_of(scale), tensor.shape, layout.block)
        found |= split_experts(name, as_numpy(value)) if value.ndim == 3 else {name: as_numpy(value)}
    return found


def write_quantised(folder: Path, like: Path, tensors: Tensors, layout: Layout) -> None:
    fresh(folder)
    write_json(folder / "config.json", {**read_json(like / "config.json"), "quantization_config": layout.settings})
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

    def written(layout: str, like: str, tensors: Tensors, place: str | None = None) -> tuple[str, Matrices]:
        place = place or f"full/fp8-{layout}"
        write_quantised(out / place, out / like, tensors, LAYOUTS[layout])
        return place, dequantised(out / place, LAYOUTS[layout])

    dense = {name: written(name, f"bases/{BASE}", original) for name in LAYOUTS if not name.startswith("experts")}
    for name, folder in dense.items():
        case(f"fp8-{name}", (f"bases/{BASE}", plain), folder, [DEQUANTISED, DTYPE])
    case(
        "fp8-both",
        dense["blocks"],
        written("blocks", f"bases/{BASE}", moved(original), "full/fp8-moved"),
        [DEQUANTISED],
    )
    case("fp8-base", dense["rows"], (f"bases/{BASE}", plain), [DTYPE])
    dora = with_dora(dense["blocks"][1], out / "adapters/dora-rslora")
    case("fp8-dora", dense["blocks"], ("adapters/dora-rslora", dora), ["adapter.base-name-differs"])

    experts = (EXPERTS, loaded(out / EXPERTS))
    for name in ("experts", "experts-powers"):
        folder = written(name, EXPERTS, load_weights(out / EXPERTS))
        case(f"fp8-{name}", experts, folder, [DEQUANTISED, DTYPE])
    return entries
