"""Adapters of other families than LoRA and of LoRA's variants: at least three each, other ranks, options and bases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import peft

MUTATED = "adapter.base-mutated"
NORMS = ["input_layernorm", "post_attention_layernorm"]


@dataclass(frozen=True)
class FamilyCase:
    id: str
    base: str
    kind: str
    settings: dict[str, Any]
    alerts: list[str] = field(default_factory=list)

    def config(self) -> peft.PeftConfig:
        return getattr(peft, self.kind)(**{"target_modules": ["q_proj", "down_proj"], **self.settings})


def cases(name: str, kind: str, *settings: dict[str, Any], alerts: list[str] | None = None) -> list[FamilyCase]:
    """Qwen3 and Qwen2 in turn, layer 0 and 1."""
    bases = ("qwen3-bf16", "qwen2-tied")
    return [
        FamilyCase(
            f"{name}-{number + 1}", bases[number % 2], kind, {"layers_to_transform": [number % 2], **each}, alerts or []
        )
        for number, each in enumerate(settings)
    ]


def lora(**settings: Any) -> dict[str, Any]:
    return {"r": 3, "lora_alpha": 5, **settings}


def on_layer(layer: int, *kinds: str) -> str:
    """For families without a filter of layers: a pattern for whole names."""
    return rf"model\.layers\.{layer}\.\w+\.({'|'.join(kinds)})"


def chosen(
    name: str, kind: str, *options: tuple[str, dict[str, Any]], alerts: list[str] | None = None
) -> list[FamilyCase]:
    """A base for each; Qwen2 has biases in q, k and v."""
    return [
        FamilyCase(f"{name}-{number + 1}", base, kind, settings, alerts or [])
        for number, (base, settings) in enumerate(options)
    ]


ALL_BIASES = on_layer(1, "q_proj", "k_proj", "v_proj")

WITH_BIASES = [
    *chosen(
        "ia3",
        "IA3Config",
        ("qwen3-bf16", {}),
        ("qwen2-tied", {"target_modules": ["o_proj", "down_proj"]}),
        ("qwen3-bf16", {"feedforward_modules": ["q_proj"]}),
        ("qwen2-untied", {"target_modules": None}),
        ("qwen2-tied", {"target_modules": ["k_proj"], "feedforward_modules": []}),
    ),
    *chosen(
        "road",
        "RoadConfig",
        ("qwen3-bf16", {"group_size": 8}),
        ("qwen2-tied", {"group_size": 4, "variant": "road_2", "target_modules": ["o_proj", "down_proj"]}),
        ("qwen3-bf16", {"group_size": 16, "variant": "road_4", "target_modules": ["q_proj"]}),
        ("qwen2-tied", {"group_size": 8, "target_modules": ["q_proj", "v_proj"]}),
        ("qwen2-untied", {"group_size": 4, "variant": "road_4", "target_modules": ["k_proj"]}),
        ("qwen2-tied", {"group_size": 16, "variant": "road_2", "target_modules": ["v_proj"]}),
    ),
]
# No filter by layers: the layer is part of the pattern.
SPARSE = [
    FamilyCase(f"{name}-{number + 1}", base, kind, {"target_modules": rf".*\.{number % 2}\..*({modules})", **settings})
    for name, kind, *options in (
        (
            "shira",
            "ShiraConfig",
            ("qwen3-bf16", "q_proj|down_proj", {"r": 2, "random_seed": 1}),
            ("qwen2-tied", "k_proj", {"r": 1, "random_seed": 2}),
            ("qwen3-bf16", "up_proj", {"r": 3}),
        ),
        (
            "supertuning",
            "SupertuningConfig",
            ("qwen3-bf16", "q_proj|down_proj", {"sparsity": 0.9}),
            ("qwen2-tied", "k_proj", {"sparsity": 0.8, "r": 2}),
            ("qwen3-bf16", "up_proj", {"sparsity": 0.95, "select_top": False, "r": 3, "lora_alpha": 5}),
        ),
    )
    for number, (base, modules, settings) in enumerate(options)
]

FROM_ADAPTER_ALONE = [
    *cases(
        "gralora",
        "GraloraConfig",
        {"r": 4, "alpha": 6},
        {"r": 2, "hybrid_r": 3},
        {"r": 8, "gralora_k": 8},
        {"r": 3, "gralora_k": 1, "alpha": 2},
    ),
    *cases(
        "randlora",
        "RandLoraConfig",
        {"r": 16, "target_modules": ["q_proj", "down_proj"]},
        {"r": 12, "randlora_alpha": 7, "target_modules": ["up_proj", "k_proj"]},
        {"r": 10, "sparse": True, "projection_prng_key": 4, "target_modules": ["k_proj"]},
    ),
    *cases(
        "vblora",
        "VBLoRAConfig",
        {"r": 2, "num_vectors": 6, "vector_length": 8},
        {"r": 3, "num_vectors": 9, "vector_length": 4, "topk": 3, "save_only_topk_weights": True},
        {"r": 2, "num_vectors": 300, "vector_length": 8, "save_only_topk_weights": True},
        {"r": 2, "num_vectors": 5, "vector_length": 8, "topk": 1},
        {"r": 2, "num_vectors": 5, "vector_length": 8, "topk": 1, "save_only_topk_weights": True},
    ),
    *cases(
        "pvera",
        "PveraConfig",
        {"r": 4},
        {"r": 3, "d_initial": 0.3},
        {"r": 2, "projection_prng_key": 5},
    ),
    *cases(
        "waveft",
        "WaveFTConfig",
        {"n_frequency": 30},
        {"n_frequency": 50, "scaling": 40.0, "random_loc_seed": 3},
        {"n_frequency": 20, "use_idwt": False},
    ),
    *cases(
        "tinylora",
        "TinyLoraConfig",
        {"r": 3, "u": 5, "target_modules": ["down_proj", "o_proj", "q_proj"], "layers_to_transform": [0, 1]},
        {"r": 2, "u": 4, "weight_tying": 0.3, "target_modules": "all-linear", "layers_to_transform": None},
        {"r": 2, "u": 3, "weight_tying": 1.0},
    ),
    *cases(
        "unilora",
        "UniLoraConfig",
        {"r": 2, "theta_d_length": 20, "save_indices": True},
        {"r": 3, "theta_d_length": 9, "save_indices": True},
        {"r": 4, "theta_d_length": 300, "save_indices": True, "proj_seed": 7, "target_modules": ["k_proj"]},
    ),
    *SPARSE,
]

FAMILY_CASES = [
    *cases(
        "pissa",
        "LoraConfig",
        lora(init_lora_weights="pissa"),
        lora(init_lora_weights="pissa", r=5),
        lora(init_lora_weights="pissa", use_dora=True),
        alerts=[MUTATED],
    ),
    *cases(
        "olora",
        "LoraConfig",
        lora(init_lora_weights="olora"),
        lora(init_lora_weights="olora", use_rslora=True),
        lora(init_lora_weights="olora", use_dora=True),
        alerts=[MUTATED],
    ),
    *cases(
        "kasa",
        "LoraConfig",
        *[lora(kasa_config=peft.tuners.lora.config.KasaConfig(), r=r) for r in (2, 3, 4)],
        alerts=[MUTATED],
    ),
    *cases(
        "bdlora",
        "LoraConfig",
        *[
            {"r": 4, "use_bdlora": peft.tuners.lora.config.BdLoraConfig(nblocks=2, match_strict=False, **blocks)}
            for blocks in (
                {"target_modules_bd_a": ["q_proj"], "target_modules_bd_b": ["down_proj"]},
                {"target_modules_bd_a": ["down_proj"]},
                {"target_modules_bd_b": ["q_proj"]},
            )
        ],
    ),
    *cases("loha", "LoHaConfig", {"r": 2, "alpha": 3}, {"r": 3, "alpha": 8}, {"r": 2, "rank_pattern": {"q_proj": 4}}),
    *cases(
        "lokr", "LoKrConfig", {"r": 2, "alpha": 3}, {"r": 2, "decompose_both": True}, {"r": 4, "decompose_factor": 4}
    ),
    *cases(
        "adalora",
        "AdaLoraConfig",
        *[{"init_r": r, "target_r": 2, "lora_alpha": 7, "total_step": 10} for r in (3, 4, 6)],
        {"init_r": 3, "lora_alpha": 7, "total_step": 10, "bias": "lora_only"},
    ),
    *cases("vera", "VeraConfig", {"r": 4}, {"r": 6, "d_initial": 0.3}, {"r": 3, "projection_prng_key": 5}),
    *cases(
        "oft",
        "OFTConfig",
        {"oft_block_size": 8},
        {"oft_block_size": 4, "use_cayley_neumann": False},
        {"oft_block_size": 4, "num_cayley_neumann_terms": 3},
        {"oft_block_size": 8, "coft": True, "eps": 0.1, "block_share": True},
    ),
    *cases("boft", "BOFTConfig", *[{"boft_block_size": size} for size in (4, 8, 2)]),
    *cases("hra", "HRAConfig", {"r": 4}, {"r": 2, "apply_GS": True}, {"r": 6}),
    *cases(
        "fourierft",
        "FourierFTConfig",
        {"n_frequency": 20},
        {"n_frequency": 50, "scaling": 40.0},
        {"n_frequency": 7, "random_loc_seed": 3},
    ),
    *cases(
        "miss",
        "MissConfig",
        {"r": 4},
        {"r": 4, "mini_r": 8, "init_weights": "mini"},
        {"r": 8, "init_weights": "bat"},
        {"r": 3},
    ),
    *cases("delora", "DeloraConfig", {"r": 3}, {"r": 4, "delora_lambda": 8}, {"r": 2}),
    *cases("c3a", "C3AConfig", {"block_size": 8}, {"block_size": 4}, {"block_size": 2}),
    *chosen(
        "hira-embedding",
        "HiraConfig",
        ("qwen2-tied", {"r": 3, "target_modules": ["embed_tokens", "q_proj"]}),
        alerts=["adapter.tied-embeddings"],
    ),
    *cases("hira", "HiraConfig", {"r": 3}, {"r": 2}, {"r": 4, "rank_pattern": {"q_proj": 2}}),
    *WITH_BIASES,
    *chosen(
        "ln-tuning",
        "LNTuningConfig",
        ("qwen2-tied", {"target_modules": None}),
        ("qwen3-bf16", {"target_modules": ["input_layernorm", "q_norm", "norm"]}),
        ("qwen2-untied", {"target_modules": [*NORMS, "v_proj"]}),
    ),
    *chosen(
        "trainable-tokens",
        "TrainableTokensConfig",
        ("qwen2-tied", {"target_modules": None, "token_indices": [1, 5, 70]}),
        ("qwen3-bf16", {"target_modules": None, "token_indices": [7, 3]}),
        ("qwen2-untied", {"target_modules": ["embed_tokens", "lm_head"], "token_indices": [0, 71]}),
    ),
    *chosen(
        "beft",
        "BeftConfig",
        ("qwen2-tied", {"target_modules": None}),
        ("qwen2-untied", {"target_modules": ["q_proj", "k_proj"]}),
        ("qwen2-half", {"target_modules": ALL_BIASES}),
    ),
    *chosen("beft-new", "BeftConfig", ("qwen3-bf16", {"target_modules": None}), alerts=["adapter.not-mergeable"]),
    *chosen(
        "glora",
        "GloraConfig",
        ("qwen2-tied", {"target_modules": ALL_BIASES, "r": 3}),
        (
            "qwen2-untied",
            {
                "target_modules": ALL_BIASES,
                "r": 2,
                "config_A_B": "vector",
                "config_C": "vector",
                "config_D_E": "vector",
            },
        ),
        ("qwen3-bf16", {"target_modules": on_layer(0, "q_proj", "down_proj"), "r": 2}),
        (
            "qwen2-tied",
            {"target_modules": on_layer(0, "q_proj", "down_proj"), "config_A_B": "constant", "config_C": "none"},
        ),
        (
            "qwen2-tied",
            {"target_modules": on_layer(0, "v_proj"), "config_A_B": "none", "config_C": "vector", "config_D_E": "none"},
        ),
    ),
    *cases(
        "deft",
        "DeftConfig",
        {"r": 3},
        {"r": 4, "decomposition_method": "qr", "alpha": 6},
        {"r": 2, "para": True, "decomposition_method": "qr"},
        {"r": 5, "para": True},
        {"r": 3, "decomposition_method": "qr", "alpha": 2},
    ),
    *chosen(
        "osf",
        "OSFConfig",
        ("qwen2-tied", {"target_modules": on_layer(0, "q_proj", "down_proj"), "effective_rank": 24}),
        ("qwen3-bf16", {"target_modules": on_layer(1, "k_proj", "o_proj"), "effective_rank": None}),
        ("qwen3-bf16", {"target_modules": on_layer(0, "up_proj"), "effective_rank": 0.8}),
        (
            "qwen2-untied",
            {"target_modules": on_layer(1, "v_proj", "gate_proj"), "effective_rank": 12, "rank_pattern": {"gate": 0.9}},
        ),
    ),
    *cases(
        "frod",
        "FrodConfig",
        {"sparse_rate": 0.02, "target_modules": ["q_proj", "k_proj"], "progressbar": False},
        {"sparse_rate": 0.1, "target_modules": ["o_proj"], "progressbar": False, "projection_prng_key": 3},
        {"sparse_rate": 0.0, "target_modules": ["v_proj"], "progressbar": False},
        {"sparse_rate": 0.05, "target_modules": ["up_proj"], "layers_to_transform": [0, 1], "progressbar": False},
    ),
    *cases(
        "peanut",
        "PeanutConfig",
        {"r": 3},
        {"r": 4, "depth": 2, "act_fn": "silu", "scaling": 0.5},
        {"r": 2, "depth": 1, "act_fn": "gelu"},
        {"r": 3, "depth": 1, "act_fn": "tanh", "scaling": 2.0},
        {"r": 2, "depth": 2, "act_fn": "sigmoid"},
    ),
    *FROM_ADAPTER_ALONE,
]
