"""What a run will need: bytes of device memory, and of disk. Formulas and their checks: docs of training, section 8."""

import dataclasses
from typing import Any

MARGIN_FACTOR = 0.1
# A driver's context and the allocator; on the processor Python with its libraries, as measured.
MARGIN_BYTES = int(0.6 * 1024**3)
HOST_MARGIN_BYTES = int(0.8 * 1024**3)
USABLE = 0.9  # share of the free memory that an automatic batch may fill


@dataclasses.dataclass(frozen=True)
class Shape:
    """Of a decoder: parameters in all and in projections, layers, widths, vocabulary."""

    parameters: int
    linear: int
    layers: int
    hidden: int
    intermediate: int
    vocabulary: int

    @staticmethod
    def of(model: Any) -> "Shape":
        """Of a loaded model, before adapters are put in."""
        config = model.config.get_text_config()
        linear = sum(p.numel() for name, p in model.named_parameters() if ".layers." in name and p.ndim == 2)
        return Shape(
            parameters=sum(p.numel() for p in model.parameters()),
            linear=linear,
            layers=getattr(config, "num_hidden_layers", 1),
            hidden=getattr(config, "hidden_size", 1),
            intermediate=getattr(config, "intermediate_size", None) or 4 * getattr(config, "hidden_size", 1),
            vocabulary=config.vocab_size,
        )


def estimate(
    shape: Shape,
    method: str,
    optimizer: str,
    trainable: int,
    batch: int,
    tokens: int,
    answers: int,
    precision: str = "bf16",
    checkpointing: bool = True,
    host: bool = False,
    shards: int = 1,
    devices: int = 1,
) -> dict[str, int]:
    """Bytes by part on one device; `answers` is the count of positions whose logits are built, `host` the
    processor's memory, `shards` the devices that weights, gradients and optimizer states are divided among, out of
    `devices`."""
    n, full = trainable, method == "full"
    unit = 4 if precision == "fp32" else 2
    weights = (4 * n if full else _frozen_bytes(shape, method, precision) + 4 * n) / shards
    states = (8 if optimizer == "adamw" else 4) * n / shards
    kept = unit * shape.layers * batch * tokens * shape.hidden
    if not checkpointing:
        kept *= 8  # all that a layer keeps, against its input alone: 34 h against 4 h roughly
    at_loss = 12 * batch * answers * shape.vocabulary + (shape.parameters if full and precision != "fp32" else 0)
    if full:
        at_end = 4 * n / shards + 8 * shape.vocabulary * shape.hidden
    else:
        at_end = 4 * n / shards + unit * batch * tokens * (16 * shape.hidden + 8 * shape.intermediate)
    # Data parallel holds a second copy of all gradients, in buckets.
    exchanged = _gathered_bytes(shape, method, precision) if shards > 1 else 4 * n if devices > 1 else 0
    peak = max(at_loss, at_end) + exchanged
    plain = weights + states + kept + peak
    margin = int(MARGIN_FACTOR * plain) + (HOST_MARGIN_BYTES if host else MARGIN_BYTES)
    parts = {"weights": weights, "optimizer": states, "kept": kept, "peak": peak, "margin": margin}
    return {**{name: int(value) for name, value in parts.items()}, "total": int(plain + margin)}


def _frozen_bytes(shape: Shape, method: str, precision: str) -> int:
    if method == "qlora":
        return int(0.55 * shape.linear) + 2 * (shape.parameters - shape.linear)
    wide = precision == "fp32" or method in ("pissa", "olora")
    return (4 if wide else 2) * shape.parameters


def _gathered_bytes(shape: Shape, method: str, precision: str) -> int:
    """What a device holds whole of a sharded model: all outside the layers, a layer and the next one."""
    wide = 4 * shape.parameters if method == "full" else _frozen_bytes(shape, method, precision)
    share = 1 - shape.linear / shape.parameters + 2 * shape.linear / (shape.parameters * max(2, shape.layers))
    return int(share * wide)


def choose_batch(effective: int, processes: int, free: int, cost: Any, largest: int = 32) -> int:
    """The largest device batch that divides the effective one and fits: `cost(batch)` gives bytes."""
    share = effective // processes
    sizes = [size for size in range(min(share, largest), 0, -1) if share % size == 0]
    return next((size for size in sizes if free <= 0 or cost(size) <= USABLE * free), 1)


def checkpoint_bytes(trainable: int, optimizer: str) -> int:
    """fp32 weights and optimizer states of what is trained."""
    return (12 if optimizer == "adamw" else 8) * trainable


def export_bytes(kind: str, parameters: int, trainable: int, dtype: str) -> int:
    return (4 if dtype == "fp32" else 2) * (trainable if kind == "adapter" else parameters)
