"""The tiny base models that all cases share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3MoeConfig,
    Qwen3MoeForCausalLM,
)

from files import fresh, tidy
from seeded import fill_base

SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 72,
    "max_position_embeddings": 64,
}
# Layer 0 is dense, layer 1 holds the experts.
EXPERTS: dict[str, Any] = {
    "moe_intermediate_size": 24,
    "num_experts": 3,
    "num_experts_per_tok": 2,
    "mlp_only_layers": [0],
    "decoder_sparse_step": 1,
}


@dataclass(frozen=True)
class Base:
    kind: str
    tied: bool
    dtype: torch.dtype
    shard: str | None = None
    layers: int = 2


BASES: dict[str, Base] = {
    "qwen2-tied": Base("qwen2", True, torch.float32),
    "qwen2-untied": Base("qwen2", False, torch.bfloat16),
    "qwen2-half": Base("qwen2", True, torch.float16),
    "qwen2-double": Base("qwen2", True, torch.float64, "20KB", 1),
    "qwen3-bf16": Base("qwen3", False, torch.bfloat16, "12KB"),
    "qwen2-bf16": Base("qwen2", True, torch.bfloat16),
    "qwen3-moe": Base("qwen3-moe", False, torch.bfloat16),
}


def build(base: Base) -> PreTrainedModel:
    settings = {**SIZES, "num_hidden_layers": base.layers, "tie_word_embeddings": base.tied}
    if base.kind == "qwen2":
        model: PreTrainedModel = Qwen2ForCausalLM(Qwen2Config(**settings))
    elif base.kind == "qwen3":
        model = Qwen3ForCausalLM(Qwen3Config(**settings, head_dim=8))
    else:
        model = Qwen3MoeForCausalLM(Qwen3MoeConfig(**{**settings, **EXPERTS}, head_dim=8))
    return model.to(base.dtype)


def save_model(model: PreTrainedModel, folder: Path, shard: str | None = None) -> None:
    fresh(folder)
    model.save_pretrained(folder, **({} if shard is None else {"max_shard_size": shard}))
    tidy(folder)


def make_bases(out: Path) -> None:
    for name, base in BASES.items():
        model = build(base)
        fill_base(model, name)
        save_model(model, out / "bases" / name, base.shard)
