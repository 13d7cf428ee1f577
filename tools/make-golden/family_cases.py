"""Adapters of other families than LoRA and of LoRA's variants: at least three each, other ranks, options and bases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import peft

MUTATED = "adapter.base-mutated"


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


# These change biases too, which is not read: bases and modules without biases, all layers where there is no filter.
WITHOUT_BIASES = [
    FamilyCase(f"{name}-{number + 1}", base, kind, settings)
    for name, kind, *options in (
        (
            "ia3",
            "IA3Config",
            ("qwen3-bf16", {}),
            ("qwen2-tied", {"target_modules": ["o_proj", "down_proj"]}),
            ("qwen3-bf16", {"feedforward_modules": ["q_proj"]}),
        ),
        (
            "road",
            "RoadConfig",
            ("qwen3-bf16", {"group_size": 8}),
            ("qwen2-tied", {"group_size": 4, "variant": "road_2", "target_modules": ["o_proj", "down_proj"]}),
            ("qwen3-bf16", {"group_size": 16, "variant": "road_4", "target_modules": ["q_proj"]}),
        ),
    )
    for number, (base, settings) in enumerate(options)
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
    *cases("hira", "HiraConfig", {"r": 3}, {"r": 2}, {"r": 4, "rank_pattern": {"q_proj": 2}}),
    *WITHOUT_BIASES,
    *FROM_ADAPTER_ALONE,
]
