"""One LoRA case: base, settings, what is edited after saving, and what is alerted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
ALL = [*ATTENTION, "gate_proj", "up_proj", "down_proj"]
TIED, IGNORED = "adapter.tied-embeddings", "adapter.tensors-ignored"
MISSING, REPLACED = "adapter.tensors-missing", "adapter.replaced-weights"


@dataclass(frozen=True)
class Case:
    id: str
    base: str
    settings: dict[str, Any]
    alerts: list[str] = field(default_factory=list)
    strength: float = 0.3
    edit: Callable[[Path], None] | None = None
    adapter_name: str = "default"
    vocabulary: int | None = None
    # Base layer of every layer of the new stack.
    stack: tuple[int, ...] | None = None
    # The wrapped model is the stack without a head; its names lack `model.`.
    headless: bool = False
    # Sub-folder into which peft saves an adapter that is not called `default`.
    folder: str = ""
    # peft loses a part of this adapter when it loads it; the truth is s·B·A of every pair of factors.
    by_formula: bool = False


def lora(**settings: Any) -> dict[str, Any]:
    return {"r": 3, "lora_alpha": 6, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM", **settings}
