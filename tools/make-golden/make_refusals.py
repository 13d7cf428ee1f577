"""Adapters that peft itself refuses: each is loaded to see that it does, and must be refused with this code."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model

import edits
from files import fresh, tidy
from full_cases import load
from seeded import fill_adapter

BASE = "qwen2-untied"
CONFIG, SHAPE = "adapter.config-invalid", "adapter.shape-mismatch"


def set_pattern(key: str, value: Any) -> edits.Edit:
    return edits.set_config(**{key: value})


def short_factor(folder: Path) -> None:
    edits.edit_tensors(
        folder, lambda old: {key: old[key][:, :16].contiguous() if "lora_A" in key else old[key] for key in old}
    )


REFUSALS: dict[str, tuple[str, edits.Edit]] = {
    "no-peft-type": (CONFIG, edits.drop_config("peft_type")),
    "unknown-peft-type": ("adapter.unsupported", edits.set_config(peft_type="LORAX")),
    "rank-null": (CONFIG, edits.set_config(r=None)),
    "rank-zero": (CONFIG, edits.set_config(r=0)),
    "rank-pattern-null": (CONFIG, set_pattern("rank_pattern", None)),
    "alpha-pattern-null": (CONFIG, set_pattern("alpha_pattern", None)),
    "target-is-a-name": (CONFIG, edits.set_config(target_modules="q_proj")),
    "regex-with-layers": (CONFIG, edits.set_config(target_modules=".*q_proj", layers_to_transform=[0])),
    "rank-differs": (SHAPE, edits.set_config(r=4)),
    "rank-pattern-reordered": (SHAPE, set_pattern("rank_pattern", {"layers.0.*": 5, "self_attn.q_proj": 2})),
    "other-width": (SHAPE, short_factor),
    "saved-head-absent": ("adapter.tensor-missing", edits.set_config(modules_to_save=["lm_head"])),
    "corda": ("adapter.unsupported", edits.set_config(init_lora_weights="corda")),
}


def make_refusals(out: Path) -> list[dict[str, Any]]:
    shutil.rmtree(out / "refusals", ignore_errors=True)
    entries: list[dict[str, Any]] = []
    for name, (code, edit) in REFUSALS.items():
        folder = fresh(out / "refusals" / name)
        save_small(out, folder)
        edit(folder)
        if peft_accepts(out, folder):
            raise RuntimeError(f"peft accepts {name}; it is no refusal")
        entries.append({"id": name, "base": f"bases/{BASE}", "tuned": f"refusals/{name}", "error": code})
        print(f"{name}: refused")
    return entries


def save_small(out: Path, folder: Path) -> None:
    settings = LoraConfig(r=2, lora_alpha=4, target_modules=["q_proj"], layers_to_transform=[0], task_type="CAUSAL_LM")
    model = get_peft_model(load(out / "bases" / BASE, torch.float32), settings)
    fill_adapter(model, folder.name, 0.3)
    model.save_pretrained(folder)
    tidy(folder, f"golden/{BASE}")
    edits.set_config(layers_to_transform=None)(folder)


def peft_accepts(out: Path, folder: Path) -> bool:
    try:
        PeftModel.from_pretrained(load(out / "bases" / BASE, torch.float32), folder)
    except Exception:
        return False
    return True
