"""Makes the adapters with peft, loads each one back, and writes down what it does to its base."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForCausalLM, PreTrainedModel

from bases import BASES
from case import Case
from effective import Matrices, as_numpy, effective_weights, merged_experts
from factor_cases import FACTOR_CASES
from files import ADAPTER_WEIGHTS, fresh, load_weights, tidy, write_truth
from measures import matrix_truth, vector_truth
from seeded import fill_adapter
from tensor_cases import TENSOR_CASES

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"


def load_base(case: Case, out: Path, dtype: torch.dtype) -> PreTrainedModel:
    torch.manual_seed(0)
    kind = AutoModel if case.headless else AutoModelForCausalLM
    model = kind.from_pretrained(out / "bases" / case.base, dtype=dtype)
    if case.vocabulary is not None:
        model.resize_token_embeddings(case.vocabulary)
    return model


def save_adapter(case: Case, out: Path) -> Path:
    folder = fresh(out / "adapters" / case.id)
    name = case.folder or "default"
    base = load_base(case, out, BASES[case.base].dtype)
    model = get_peft_model(base, LoraConfig(**case.settings), name, autocast_adapter_dtype=False)
    fill_adapter(model, case.id, case.strength)
    model.save_pretrained(folder)
    tidy(folder, f"golden/{case.base}")
    if case.edit is not None:
        case.edit(folder)
    return folder / case.folder


def base_matrices(case: Case, out: Path) -> Matrices:
    """The base as the files say, with one entry per module that the wrapped model has."""
    tensors = {name: as_numpy(tensor) for name, tensor in load_weights(out / "bases" / case.base).items()}
    if BASES[case.base].tied:
        tensors[HEAD] = tensors[EMBEDDING]
    if case.stack is not None:
        tensors = replicate(tensors, case.stack)
    return tensors


def replicate(tensors: Matrices, stack: tuple[int, ...]) -> Matrices:
    result = {name: tensor for name, tensor in tensors.items() if ".layers." not in name}
    for layer, origin in enumerate(stack):
        prefix = f"model.layers.{origin}."
        part = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        result.update({f"model.layers.{layer}.{name}": tensor for name, tensor in part.items()})
    return result


def tuned_matrices(case: Case, folder: Path, out: Path, base: Matrices) -> Matrices:
    if case.by_formula:
        return by_formula(folder, base, case.settings["lora_alpha"] / case.settings["r"])
    shapes = {name: matrix.shape for name, matrix in base.items() if not (case.headless and name == HEAD)}
    if case.vocabulary is not None:
        shapes.update({name: (case.vocabulary, shapes[name][1]) for name in (EMBEDDING, HEAD)})
    if case.headless:
        shapes = {name.removeprefix("model."): shape for name, shape in shapes.items()}
    model = PeftModel.from_pretrained(
        load_base(case, out, torch.float64), folder, case.adapter_name, autocast_adapter_dtype=False
    )
    model = model.double().eval()
    tuned = effective_weights(model, shapes)
    tuned.update(merged_experts(model, shapes))
    return {f"model.{name}": matrix for name, matrix in tuned.items()} if case.headless else tuned


def by_formula(folder: Path, base: Matrices, scale: float) -> Matrices:
    """W + s·B·A for every pair of factors, from the file alone."""
    factors = {key: as_numpy(tensor) for key, tensor in load_file(folder / ADAPTER_WEIGHTS).items()}
    modules = [key.removesuffix(".lora_A.weight") for key in factors if key.endswith(".lora_A.weight")]
    delta = {key: scale * factors[f"{key}.lora_B.weight"] @ factors[f"{key}.lora_A.weight"] for key in modules}
    names = {key: f"{key.removeprefix('base_model.model.')}.weight" for key in modules}
    return {names[key]: base[names[key]] + delta[key] for key in modules}


def truth_of(base: Matrices, tuned: Matrices) -> dict[str, Any]:
    matrices: dict[str, Any] = {}
    vectors: dict[str, Any] = {}
    for name, after in sorted(tuned.items()):
        before = base.get(name)
        if after.ndim == 2 and before is not None:
            rows = min(len(before), len(after))
            entry, place = matrix_truth(before[:rows], after[:rows]), matrices
        else:
            entry, place = vector_truth(before, after), vectors
        if entry is not None:
            place[name.removesuffix(".weight")] = entry
    return {"matrices": matrices, "vectors": vectors}


def make_adapters(out: Path) -> list[dict[str, Any]]:
    warnings.filterwarnings("ignore")
    shutil.rmtree(out / "adapters", ignore_errors=True)
    entries: list[dict[str, Any]] = []
    for case in [*FACTOR_CASES, *TENSOR_CASES]:
        folder = save_adapter(case, out)
        base = base_matrices(case, out)
        with np.errstate(all="raise", under="ignore"):
            truth = truth_of(base, tuned_matrices(case, folder, out, base))
        write_truth(out, case.id, truth)
        entries.append(
            {
                "id": case.id,
                "base": f"bases/{case.base}",
                "tuned": str(folder.relative_to(out)),
                "alerts": sorted(case.alerts),
            }
        )
        print(f"{case.id}: {len(truth['matrices'])} matrices, {len(truth['vectors'])} vectors")
    return entries
