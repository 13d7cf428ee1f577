"""How far a 4-bit base is from its original: the adapter's update is relative to the quantised weights."""

from pathlib import Path
from typing import Any

from .files import write_json


def record_error(model: Any, base: Path, run: Path) -> None:
    """Writes quantisation.json: relative Frobenius norm of the difference, per quantised layer."""
    import bitsandbytes

    originals = _originals(base)
    errors = {}
    for name, module in model.named_modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit) and f"{name}.weight" in originals:
            state = module.weight.quant_state
            rounded = bitsandbytes.functional.dequantize_4bit(module.weight.data, state).float()
            original = originals[f"{name}.weight"]().to(rounded.device).float()
            errors[name] = float((rounded - original).norm() / original.norm())
    write_json(run / "quantisation.json", {"schema": 1, "kind": "nf4", "relative_error": errors})


def _originals(base: Path) -> dict[str, Any]:
    """Tensor name to a function that reads it."""
    from safetensors import safe_open

    found: dict[str, Any] = {}
    for file in sorted(base.glob("*.safetensors")):
        handle = safe_open(file, framework="pt")
        for name in handle.keys():  # noqa: SIM118 - it is no mapping
            found[name] = lambda handle=handle, name=name: handle.get_tensor(name)
    return found
