"""Scales, patterns, targets, DoRA and biases."""

from __future__ import annotations

import edits
from case import ALL, ATTENTION, IGNORED, MISSING, REPLACED, Case, lora

NOT_LAYER_0 = r"(?!.*layers\.0\.).*\.(q|v)_proj"

SCALES = [
    Case("plain", "qwen2-tied", lora(r=4, lora_alpha=8, target_modules=ALL), strength=1.0),
    Case("plain-bf16", "qwen3-bf16", lora(target_modules=["q_proj", "down_proj"])),
    Case("plain-half", "qwen2-half", lora(target_modules=["k_proj", "up_proj"])),
    Case("plain-double", "qwen2-double", lora(target_modules=["o_proj"])),
    Case("full-rank", "qwen2-tied", lora(r=20, target_modules=["k_proj"])),
    Case("rslora", "qwen2-tied", lora(use_rslora=True)),
    Case("fractional-alpha", "qwen2-tied", lora(lora_alpha=5.5)),
    Case("zero-alpha", "qwen2-tied", lora(lora_alpha=0), ["adapter.no-effect"]),
    Case("untrained", "qwen2-tied", lora(), ["adapter.no-effect"], strength=0.0),
    Case(
        "defaults", "qwen2-tied", lora(r=8, lora_alpha=8), edit=edits.drop_config("r", "lora_alpha", "target_modules")
    ),
    Case("old-2023", "qwen2-tied", lora(), edit=edits.old_config),
]
PATTERNS = [
    Case("rank-pattern", "qwen2-tied", lora(rank_pattern={"layers.1.*": 5, "q_proj": 2}, target_modules=ATTENTION)),
    Case("alpha-pattern", "qwen2-tied", lora(alpha_pattern={r"layers\.0\..*": 1.5, "v_proj": 12})),
    Case("pattern-order", "qwen2-tied", lora(alpha_pattern={"q_proj": 2, "v_proj": 24}), edit=edits.overlapping_alphas),
    Case("pattern-no-match", "qwen2-tied", lora(alpha_pattern={"proj": 50, "layers.1": 60})),
    Case(
        "pattern-rslora",
        "qwen2-tied",
        lora(use_rslora=True, rank_pattern={"gate_proj|q_proj": 4}, alpha_pattern={"q_proj": 9}),
    ),
    Case("layers-list", "qwen2-tied", lora(layers_to_transform=[1], layers_pattern="layers")),
    Case("layers-number", "qwen2-tied", lora(layers_to_transform=0)),
    Case(
        "full-name-skips-layers",
        "qwen2-tied",
        lora(target_modules=["q_proj", "model.layers.0.self_attn.v_proj"], layers_to_transform=[1]),
    ),
    Case("layers-empty", "qwen2-tied", lora(), edit=edits.set_config(layers_to_transform=[])),
    Case(
        "literal-list",
        "qwen2-tied",
        lora(),
        [IGNORED],
        edit=edits.set_config(target_modules=["q_proj", "roj", ".*v_proj"]),
    ),
    Case("exclude-list", "qwen2-tied", lora(exclude_modules=["layers.0.self_attn.q_proj"])),
    Case(
        "exclude-regex", "qwen2-tied", lora(target_modules=ATTENTION, exclude_modules=r".*\.1\.self_attn\.[kvo]_proj")
    ),
    Case("regex", "qwen2-tied", lora(target_modules=r".*layers\.\d+\.(self_attn\.(?P<name>q|v)_proj|mlp\.up_proj)")),
    Case("regex-look-ahead", "qwen2-tied", lora(target_modules=NOT_LAYER_0), ["adapter.pattern-unsupported"]),
    Case("all-linear", "qwen3-bf16", lora(r=1, target_modules="all-linear")),
    Case(
        "all-linear-text",
        "qwen2-tied",
        lora(r=1, target_modules="all-linear"),
        edit=edits.set_config(target_modules="All-Linear"),
    ),
]
DORA = [
    Case("dora", "qwen2-tied", lora(target_modules=ALL, use_dora=True)),
    Case("dora-rslora", "qwen3-bf16", lora(target_modules=["k_proj"], use_dora=True, use_rslora=True)),
    Case("dora-bias", "qwen2-tied", lora(use_dora=True, bias="all")),
    Case("dora-embedding", "qwen3-bf16", lora(target_modules=["embed_tokens", "lm_head"], use_dora=True)),
    Case(
        "dora-no-magnitude",
        "qwen2-tied",
        lora(use_dora=True),
        [MISSING],
        edit=edits.drop_tensors("layers.1.self_attn.q_proj.lora_magnitude_vector"),
    ),
    Case("dora-replaced", "qwen2-tied", lora(use_dora=True), [REPLACED], edit=edits.replace_base_layer),
    Case(
        "magnitude-without-dora",
        "qwen2-tied",
        lora(use_dora=True),
        [IGNORED],
        edit=edits.set_config(use_dora=False),
    ),
]
BIASES = [
    Case("lora-bias", "qwen2-tied", lora(lora_bias=True)),
    Case(
        "lora-bias-new",
        "qwen2-tied",
        lora(target_modules=["o_proj", "q_proj"], lora_bias=True),
        ["adapter.not-mergeable"],
    ),
    Case("bias-all", "qwen2-tied", lora(bias="all", target_modules=["q_proj"])),
    Case("bias-lora-only", "qwen2-tied", lora(bias="lora_only")),
]

FACTOR_CASES = [*SCALES, *PATTERNS, *DORA, *BIASES]
