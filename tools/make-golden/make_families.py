"""Writes test/golden/families.json: what transformers calls the tensors of every family that has a role table.

Run with the environment of tools/requirements.txt:  python tools/make-golden/make_families.py
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedConfig, __version__
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

TARGET = Path(__file__).parents[2] / "test" / "golden" / "families.json"
SIZES: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "vocab_size": 32,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
EXPERTS: dict[str, Any] = {
    "num_experts": 2,
    "num_experts_per_tok": 1,
    "moe_intermediate_size": 8,
    "mlp_only_layers": [0],
    "decoder_sparse_step": 1,
}
TYPES: dict[str, dict[str, Any]] = {
    "qwen2": {},
    "qwen3": {"head_dim": 8},
    "qwen2_moe": {**EXPERTS, "shared_expert_intermediate_size": 8},
    "qwen3_moe": {**EXPERTS, "head_dim": 8},
    "llama": {},
    "mistral": {},
    "mixtral": {"num_local_experts": 2},
    "gemma": {"head_dim": 8},
    "gemma2": {"head_dim": 8},
    "gemma3_text": {"head_dim": 8},
    "phi": {"qk_layernorm": True},
    "phi3": {},
}


def names_of(model_type: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Architecture, and every tensor name as saved and as the running model calls it."""
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **SIZES, **settings))
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with safe_open(Path(folder) / "model.safetensors", "pt") as file:
            stored = sorted(file.keys())
    running = sorted(name for name, _ in model.named_parameters())
    return {"architecture": type(model).__name__, "stored": stored, "running": running}


def ties_by_default(config: type[PreTrainedConfig]) -> bool | None:
    """What the configuration class says about the head when the file says nothing."""
    try:
        return getattr(config(), "tie_word_embeddings", None)
    except Exception:  # Some need arguments; they have no default to learn.
        return None


def main() -> None:
    """Asks transformers and writes the answer."""
    causal = sorted(set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES) & set(CONFIG_MAPPING.keys()))
    ties = {name: ties_by_default(CONFIG_MAPPING[name]) for name in causal}
    document = {
        "transformers": __version__,
        "tiedByDefault": {name: tied for name, tied in ties.items() if isinstance(tied, bool)},
        "families": {name: names_of(name, settings) for name, settings in TYPES.items()},
    }
    TARGET.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
