"""Writes what transformers says, token by token, about the small models of test/golden/scoring.

pip install torch transformers safetensors
python tools/make-golden/make_scoring.py test/golden/scoring

The models themselves are kept as they are. For each of them: log-probabilities of every token of a few sequences, in
float32 with plain ("eager") attention, as stored and with low-rank factors added (factors/MODEL.safetensors). For
variants of their configuration the same, with the same weights.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from files import read_json, write_json
from seeded import generator, normal

Rows = list[list[int]]
MODELS = ("q2-tied-bf16", "q2-yarn-window-bf16", "q3-untied-bf16")
# Sequences share beginnings, so that sharing and packing have something to do.
LENGTHS = ((100, 0), (70, 40), (55, 40), (17, 0), (2, 0))
FEWER_ROWS = 700
RANKS = {"self_attn.q_proj": 3, "self_attn.v_proj": 1, "self_attn.o_proj": 4, "mlp.gate_proj": 2, "mlp.down_proj": 5}
SHARE = 0.3

QWEN2 = "q2-tied-bf16"
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "theta": (QWEN2, {"rope_theta": 10000.0}),
    "epsilon": (QWEN2, {"rms_norm_eps": 1e-3}),
    "linear": (QWEN2, {"rope_scaling": {"type": "linear", "factor": 3.0}}),
    "dynamic": (QWEN2, {"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}),
    "yarn": (QWEN2, {"rope_scaling": YARN}),
    "yarn-attention": (QWEN2, {"rope_scaling": {**YARN, "attention_factor": 1.3, "beta_fast": 16.0, "beta_slow": 2.0}}),
    "yarn-exact": (QWEN2, {"rope_scaling": {**YARN, "truncate": False}}),
    "llama3": (
        QWEN2,
        {
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            }
        },
    ),
    "window": (QWEN2, {"use_sliding_window": True, "sliding_window": 20, "max_window_layers": 1, "layer_types": None}),
    "window-unused": (QWEN2, {"use_sliding_window": False, "sliding_window": 20, "layer_types": None}),
    "attention-bias": ("q3-untied-bf16", {"attention_bias": True}),
}


def sequences(vocabulary: int) -> Rows:
    stream = generator("scoring sequences")

    def draw(count: int) -> list[int]:
        return torch.randint(vocabulary, (count,), generator=stream).tolist()

    first = draw(LENGTHS[0][0])
    return [first, *(first[:shared] + draw(length - shared) for length, shared in LENGTHS[1:])]


@torch.no_grad()
def log_probabilities(model: Any, ids: Rows, rows: int | None = None) -> list[list[float]]:
    found = []
    for sequence in ids:
        logits = model(torch.tensor([sequence])).logits[0, :-1, :rows].double()
        kept = [(place, token) for place, token in enumerate(sequence[1:]) if rows is None or token < rows]
        logp = torch.log_softmax(logits, -1)
        found.append([round(float(logp[place, token]), 7) for place, token in kept])
    return found


@torch.no_grad()
def greedy(model: Any, ids: Rows) -> Rows:
    return [model(torch.tensor([sequence])).logits[0, :-1].argmax(-1).tolist() for sequence in ids]


def load(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def linears(model: Any) -> dict[str, torch.nn.Linear]:
    return {name: module for name, module in model.named_modules() if name.split(".", 3)[-1] in RANKS}


@torch.no_grad()
def add_factors(model: Any, name: str, file: Path) -> None:
    """Rank, and whether a module has factors at all, differ from module to module."""
    tensors = {}
    for module_name, module in linears(model).items():
        if module_name.startswith("model.layers.1.mlp"):
            continue
        rank = RANKS[module_name.split(".", 3)[-1]]
        stream = generator(f"{name} {module_name}")
        a = normal((rank, module.in_features), stream).float() / module.in_features**0.5
        b = SHARE * normal((module.out_features, rank), stream).float()
        tensors[f"{module_name}.A"], tensors[f"{module_name}.B"] = a.contiguous(), b.contiguous()
        module.weight += (b.double() @ a.double()).float()
    save_file(tensors, file)


@torch.no_grad()
def add_biases(model: Any, file: Path) -> None:
    """Biases of the attention's four linear layers, which the stored model has not."""
    tensors = {}
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and module.bias is not None:
            module.bias.copy_(0.3 * normal(tuple(module.bias.shape), generator(f"bias {name}")).float())
            tensors[f"{name}.bias"] = module.bias.clone()
    save_file(tensors, file)


def truth_of(name: str, out: Path) -> dict[str, Any]:
    folder = out / "models" / name
    ids = sequences(read_json(folder / "config.json")["vocab_size"])
    model = load(folder)
    truth = {"ids": ids, "base": log_probabilities(model, ids), "greedy": greedy(model, ids)}
    truth["fewerRows"] = {"rows": FEWER_ROWS, "base": log_probabilities(model, ids, FEWER_ROWS)}
    add_factors(model, name, out / "factors" / f"{name}.safetensors")
    return {**truth, "edited": log_probabilities(model, ids)}


def variant_truth(name: str, out: Path) -> dict[str, Any]:
    model_name, changes = VARIANTS[name]
    source = out / "models" / model_name
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for path in source.iterdir():
            (folder / path.name).symlink_to(path.resolve())
        (folder / "config.json").unlink()
        # The files keep the rotary settings in `rope_parameters`, which `rope_scaling` and `rope_theta` replace here.
        config = {key: value for key, value in read_json(source / "config.json").items() if key != "rope_parameters"}
        config = {"rope_theta": 1e6, **config, **changes}
        write_json(folder / "config.json", config)
        model = load(folder)
        if name == "attention-bias":
            add_biases(model, out / "factors" / "attention-bias.safetensors")
        ids = sequences(config["vocab_size"])[:3]
        return {"model": model_name, "config": config, "ids": ids, "base": log_probabilities(model, ids)}


def main(out: Path) -> None:
    for folder in ("factors", "truth"):
        (out / folder).mkdir(exist_ok=True)
    for name in MODELS:
        (out / "truth" / f"{name}.json").write_text(compact(truth_of(name, out)), encoding="utf-8")
    variants = {name: variant_truth(name, out) for name in VARIANTS}
    (out / "truth" / "variants.json").write_text(compact(variants), encoding="utf-8")


def compact(value: dict[str, Any]) -> str:
    """One line per entry."""
    lines = [f"{json.dumps(key)}: {json.dumps(entry, separators=(',', ':'))}" for key, entry in value.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
