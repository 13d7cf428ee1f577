"""Full checkpoints and their traps: a function that writes the tuned folder, and what is alerted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, PreTrainedModel

from bases import BASES, save_model
from files import fresh, load_weights, read_json, save_weights, write_json
from seeded import generator, normal, small_update

HEAD, EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"
Tensors = dict[str, torch.Tensor]
Change = Callable[[Tensors], Tensors]
Make = Callable[[Path, Path], None]


@dataclass(frozen=True)
class FullCase:
    id: str
    base: str
    # Writes the tuned folder, or names a base that stands for it.
    make: Make | str
    alerts: list[str] = field(default_factory=list)
    # The head has no truth of its own: tied on both sides, or unknown.
    without_head: bool = False


def load(folder: Path, dtype: torch.dtype) -> PreTrainedModel:
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)


def tuned(name: str, relative: float = 0.05, dtype: torch.dtype | None = None, rows: int | None = None) -> Make:
    """A fine-tune of the base `name`, stored in `dtype` (the base's own when not given)."""

    def make(out: Path, folder: Path) -> None:
        model = load(out / "bases" / name, BASES[name].dtype)
        if rows is not None:
            model.resize_token_embeddings(rows)
        if relative > 0:
            small_update(model, folder.name, relative)
        save_model(model.to(dtype or BASES[name].dtype), folder)

    return make


def merged(name: str, adapter: str, dtype: torch.dtype) -> Make:
    """An adapter merged in float32 and stored in `dtype`."""

    def make(out: Path, folder: Path) -> None:
        model = PeftModel.from_pretrained(load(out / "bases" / name, torch.float32), out / "adapters" / adapter)
        save_model(model.merge_and_unload().to(dtype), folder)

    return make


def edited(name: str, change: Change, **config: Any) -> Make:
    """The base's own files with other tensors and a changed configuration."""

    def make(out: Path, folder: Path) -> None:
        fresh(folder)
        write_json(folder / "config.json", {**read_json(out / "bases" / name / "config.json"), **config})
        save_weights(folder / "model.safetensors", change(load_weights(out / "bases" / name)))

    return make


def noise(shape: tuple[int, ...], name: str) -> torch.Tensor:
    return normal(shape, generator(name))


def with_head(scale: float) -> Change:
    def change(tensors: Tensors) -> Tensors:
        embedding = tensors[EMBEDDING]
        moved = embedding.double() + scale * noise(tuple(embedding.shape), "stored-head")
        return {**tensors, HEAD: moved.to(embedding.dtype)}

    return change


def without(part: str) -> Change:
    return lambda tensors: {name: tensor for name, tensor in tensors.items() if part not in name}


def with_extras(tensors: Tensors) -> Tensors:
    extra = {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(4), "score.weight": torch.ones(2, 32)}
    return {**tensors, **extra}


def prefixed(tensors: Tensors) -> Tensors:
    return {f"module.{name}": tensor * 1.5 for name, tensor in tensors.items()}


def stacked_experts(tensors: Tensors) -> Tensors:
    """The experts as the running model holds them, saved as they are, after a small change."""
    prefix = "model.layers.1.mlp.experts"
    result = {name: tensor for name, tensor in tensors.items() if prefix not in name}
    for parameter, parts in {"gate_up_proj": ("gate_proj", "up_proj"), "down_proj": ("down_proj",)}.items():
        stack = torch.stack([torch.cat([tensors[f"{prefix}.{e}.{part}.weight"] for part in parts]) for e in range(3)])
        moved = stack.double() + 0.02 * noise(tuple(stack.shape), parameter)
        result[f"{prefix}.{parameter}"] = moved.to(stack.dtype)
    return result


HEAD_TIED, HEAD_UNTIED = "checkpoint.head-tied", "checkpoint.head-untied"
DTYPE, VOCABULARY = "checkpoint.dtype-differs", "pairing.vocabulary"
ONE_LAYER: dict[str, Any] = {"num_hidden_layers": 1, "layer_types": ["full_attention"]}
FULL_CASES = [
    FullCase("full-f32", "qwen2-tied", tuned("qwen2-tied"), without_head=True),
    FullCase("full-bf16", "qwen2-bf16", tuned("qwen2-bf16", 0.003), without_head=True),
    FullCase("full-f16", "qwen2-half", tuned("qwen2-half", 0.01), without_head=True),
    FullCase("full-f64-shards", "qwen2-double", tuned("qwen2-double"), without_head=True),
    FullCase("full-shards", "qwen3-bf16", tuned("qwen3-bf16")),
    FullCase("full-narrowed", "qwen2-tied", tuned("qwen2-tied", dtype=torch.bfloat16), [DTYPE], True),
    FullCase("cast-only", "qwen2-tied", tuned("qwen2-tied", 0, torch.bfloat16), [DTYPE], True),
    FullCase("full-widened", "qwen2-bf16", tuned("qwen2-bf16", dtype=torch.float32), [DTYPE], True),
    FullCase("merged-f32", "qwen2-tied", merged("qwen2-tied", "plain", torch.float32), without_head=True),
    FullCase("merged-bf16", "qwen3-bf16", merged("qwen3-bf16", "plain-bf16", torch.bfloat16)),
    FullCase("vocabulary-larger", "qwen3-bf16", tuned("qwen3-bf16", rows=76), [VOCABULARY]),
    FullCase("vocabulary-smaller", "qwen2-bf16", tuned("qwen2-bf16", rows=64), [VOCABULARY], True),
    FullCase(
        "head-tied",
        "qwen3-bf16",
        edited("qwen3-bf16", without(HEAD), tie_word_embeddings=True),
        [HEAD_TIED],
    ),
    FullCase(
        "head-untied",
        "qwen2-bf16",
        edited("qwen2-bf16", with_head(0.1), tie_word_embeddings=False),
        [HEAD_UNTIED],
    ),
    FullCase("head-equal", "qwen2-bf16", edited("qwen2-bf16", with_head(0))),
    FullCase("head-differs", "qwen2-bf16", edited("qwen2-bf16", with_head(0.1)), [HEAD_UNTIED]),
    FullCase("head-missing", "qwen3-bf16", edited("qwen3-bf16", without(HEAD)), ["checkpoint.head-missing"], True),
    FullCase(
        "fewer-layers",
        "qwen2-bf16",
        edited("qwen2-bf16", without("layers.1."), **ONE_LAYER),
        ["pairing.missing"],
        True,
    ),
    FullCase("extra-tensors", "qwen2-bf16", edited("qwen2-bf16", with_extras), ["pairing.extra"], True),
    FullCase("prefixed", "qwen2-bf16", edited("qwen2-bf16", prefixed), ["pairing.prefix"], True),
    FullCase("experts", "qwen3-moe", tuned("qwen3-moe")),
    FullCase("experts-stacked", "qwen3-moe", edited("qwen3-moe", stacked_experts)),
    FullCase("identical", "qwen2-tied", "qwen2-tied", ["checkpoint.identical"], True),
    FullCase(
        "architecture",
        "qwen2-untied",
        "qwen3-bf16",
        ["checkpoint.architecture-differs", "pairing.extra", "pairing.missing"],
    ),
]
