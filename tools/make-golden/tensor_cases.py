"""Embeddings, tied heads, full tensors, odd keys and experts."""

from __future__ import annotations

import edits
from case import IGNORED, MISSING, REPLACED, TIED, Case, lora

RESIZED = ["adapter.vocabulary-resized"]
EMBEDDINGS = [
    Case("embeddings", "qwen3-bf16", lora(target_modules=["embed_tokens", "lm_head", "q_proj"])),
    Case("tied-embedding", "qwen2-bf16", lora(target_modules=["embed_tokens", "q_proj"]), [TIED]),
    Case("tied-head", "qwen2-bf16", lora(target_modules=["lm_head"]), [TIED]),
    Case("tied-both", "qwen2-bf16", lora(target_modules=["embed_tokens", "lm_head"]), [TIED]),
    Case(
        "tied-ensured", "qwen2-tied", lora(target_modules=["embed_tokens", "lm_head"], ensure_weight_tying=True), [TIED]
    ),
    Case("saved-embedding", "qwen2-bf16", lora(modules_to_save=["embed_tokens"]), [TIED]),
    Case("saved-head", "qwen3-bf16", lora(modules_to_save=["lm_head"])),
    Case("saved-ensured", "qwen2-bf16", lora(modules_to_save=["embed_tokens"], ensure_weight_tying=True)),
    Case("saved-norm", "qwen3-bf16", lora(modules_to_save=["norm"])),
    Case("saved-mlp", "qwen2-bf16", lora(target_modules=["q_proj", "up_proj"], modules_to_save=["layers.0.mlp"])),
    Case("tokens-list", "qwen2-untied", lora(trainable_token_indices=[3, 7, 50])),
    Case("tokens-tied", "qwen2-tied", lora(trainable_token_indices=[3, 7, 50])),
    Case("tokens-per-side", "qwen2-untied", lora(trainable_token_indices={"embed_tokens": [9, 2], "lm_head": [4]})),
    Case(
        "tokens-tied-differ",
        "qwen2-tied",
        lora(trainable_token_indices={"embed_tokens": [1, 2], "lm_head": [2, 5]}),
        [TIED],
    ),
    Case(
        "vocabulary-grown",
        "qwen3-bf16",
        lora(),
        RESIZED,
        edit=edits.train_stored_embeddings,
        vocabulary=80,
    ),
    Case(
        "vocabulary-cut",
        "qwen3-bf16",
        lora(),
        RESIZED,
        edit=edits.train_stored_embeddings,
        vocabulary=64,
    ),
]
TENSORS = [
    Case(
        "name-in-keys",
        "qwen2-tied",
        lora(),
        ["adapter.name-in-keys"],
        edit=edits.name_in_keys("style"),
        adapter_name="style",
    ),
    Case("ignored", "qwen2-tied", lora(), [IGNORED], edit=edits.set_config(target_modules=["q_proj"])),
    Case(
        "missing-both",
        "qwen2-tied",
        lora(),
        [MISSING],
        edit=edits.drop_tensors("layers.0.self_attn.q_proj"),
    ),
    Case(
        "missing-b",
        "qwen2-tied",
        lora(),
        [MISSING],
        edit=edits.drop_tensors("layers.0.self_attn.v_proj.lora_B"),
    ),
    Case("replaced", "qwen2-tied", lora(), [REPLACED], edit=edits.add_full_tensors),
    Case("replaced-under-factors", "qwen2-tied", lora(), [REPLACED], edit=edits.replace_base_layer),
    Case("wrapped-weight-ignored", "qwen2-tied", lora(), [IGNORED], edit=edits.add_wrapped_bias),
    Case(
        "other-base-name",
        "qwen2-tied",
        lora(),
        ["adapter.base-name-differs"],
        edit=edits.set_config(base_model_name_or_path="Qwen/Qwen2.5-7B"),
    ),
    Case("headless", "qwen2-untied", lora(task_type="FEATURE_EXTRACTION"), headless=True),
    Case(
        "replicated-layers",
        "qwen2-untied",
        lora(layer_replication=[[0, 2], [1, 2]]),
        ["adapter.layer-replication"],
        stack=(0, 1, 1),
    ),
    Case("parameter", "qwen2-tied", lora(target_modules=[], target_parameters=["mlp.down_proj.weight"])),
    Case("sub-folder", "qwen2-tied", lora(), adapter_name="style", folder="style"),
]
EXPERTS = [
    Case(
        "experts-both",
        "qwen3-moe",
        lora(r=2, target_modules=[], target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]),
    ),
    Case("experts-gate-up", "qwen3-moe", lora(r=2, target_modules=[], target_parameters=["mlp.experts.gate_up_proj"])),
    Case(
        "experts-down", "qwen3-moe", lora(r=2, target_modules=["q_proj"], target_parameters=["mlp.experts.down_proj"])
    ),
    Case("experts-all-linear", "qwen3-moe", lora(r=1, target_modules="all-linear")),
    Case(
        "experts-single",
        "qwen3-moe",
        lora(r=2, target_modules=["gate_proj", "up_proj", "down_proj"], layers_to_transform=[1]),
        edit=edits.single_expert_factors,
    ),
    Case(
        "experts-and-dense",
        "qwen3-moe",
        lora(r=2, target_modules=["gate_proj", "up_proj", "down_proj"]),
        [IGNORED, MISSING],
        edit=edits.dense_beside_experts,
        by_formula=True,
    ),
]

TENSOR_CASES = [*EMBEDDINGS, *TENSORS, *EXPERTS]
