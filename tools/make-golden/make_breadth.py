"""Makes adapters of all families with peft over the golden bases, and what each one does to its base in float64.

python tools/make-golden/make_breadth.py --models test/golden/models --out test/golden/breadth [--only shira gralora]
       [--salt TEXT]   other weights in the same adapters
"""

from __future__ import annotations

import argparse
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedModel

from bases import BASES
from effective import Matrices, as_numpy, effective_weights
from family_cases import FAMILY_CASES, FamilyCase
from files import fresh, load_weights, read_json, tidy, write_json
from measures import digits, probes
from seeded import generator, normal


def load(case: FamilyCase, models: Path, dtype: torch.dtype) -> PreTrainedModel:
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_pretrained(models / "bases" / case.base, dtype=dtype)


@torch.no_grad()
def fill(model: torch.nn.Module, name: str) -> None:
    """Everything that trains moves by about a fifth; what was zero gets values."""
    stream = generator(name)
    for _, parameter in sorted(model.named_parameters()):
        if parameter.requires_grad:
            size = parameter.double().pow(2).mean().sqrt().clamp(min=0.3)
            parameter.add_((0.2 * size * normal(parameter.shape, stream)).to(parameter.dtype))


def save(case: FamilyCase, models: Path, out: Path, salt: str) -> Path:
    folder = fresh(out / "adapters" / case.id)
    model = get_peft_model(load(case, models, torch.float32), case.config())
    fill(model, case.id + salt)
    model.save_pretrained(folder)
    tidy(folder, f"golden/{case.base}")
    return folder


def changes(base: Matrices, tuned: Matrices, axes: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, after in sorted(tuned.items()):
        delta = after - base.get(name, np.zeros_like(after))
        norm, size = float(np.linalg.norm(delta)), float(np.linalg.norm(base.get(name, after)))
        if delta.ndim == axes and norm > 1e-10 * size:
            truth = {"frobenius": digits(norm, 10), "probes": probes(delta.reshape(len(delta), -1))}
            result[name.removesuffix(".weight")] = truth
    return result


def make(case: FamilyCase, models: Path, out: Path, salt: str = "") -> dict[str, Any]:
    folder = save(case, models, out, salt)
    base = {name: as_numpy(tensor) for name, tensor in load_weights(models / "bases" / case.base).items()}
    if BASES[case.base].tied:
        base["lm_head.weight"] = base["model.embed_tokens.weight"]
    # Some starts read the base in single precision only.
    dtype = torch.float32 if "init_lora_weights" in case.settings else torch.float64
    model = PeftModel.from_pretrained(load(case, models, dtype), folder, autocast_adapter_dtype=False)
    shapes = {name: matrix.shape for name, matrix in base.items()}
    tuned = effective_weights(model.double().eval(), shapes)
    matrices, vectors = changes(base, tuned, 2), changes(base, tuned, 1)
    print(f"{case.id}: {len(matrices)} matrices, {len(vectors)} vectors")
    entry = {"id": case.id, "base": case.base, "alerts": case.alerts, "matrices": matrices}
    return {**entry, "vectors": vectors} if vectors else entry


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", help="families to make again; the others stay as they are")
    parser.add_argument("--salt", default="", help="draws other weights")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    models, out = arguments.models.resolve(), arguments.out.resolve()
    if arguments.only is None:
        shutil.rmtree(out, ignore_errors=True)
        kept = {}
    else:
        kept = {entry["id"]: entry for entry in read_json(out / "manifest.json")}
    for case in FAMILY_CASES:
        if arguments.only is None or case.id.rpartition("-")[0] in arguments.only:
            kept[case.id] = make(case, models, out, arguments.salt)
    write_json(out / "manifest.json", [kept[case.id] for case in FAMILY_CASES if case.id in kept])


if __name__ == "__main__":
    main()
