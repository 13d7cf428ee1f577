"""The uniform mean of full checkpoints, accumulated in fp32 and rounded once."""

import json
import shutil
from pathlib import Path
from typing import Any

from .errors import RunError
from .export import copy_tokenizer
from .files import file_sha256, settle, weights_file

LARGEST_PART = 4 * 1024**3  # bytes of one safetensors file


def average(models: list[Path], out: Path) -> dict[str, Any]:
    """Writes the mean of the models to `out` and returns it as an output of `done`."""
    import torch
    from safetensors.torch import save_file

    if len(models) < 2:
        raise RunError("config.invalid", "An average needs at least two models", {"fields": []})
    if out.exists():
        raise RunError("run.exists", f"{out} exists already")
    tables = [_tensors(folder) for folder in models]
    _check_alike(models, tables)
    beside = out.with_name(out.name + ".tmp")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    parts, part, size = [], {}, 0
    for name in sorted(tables[0]):
        mean = sum(table[name]().to(torch.float32) for table in tables) / len(tables)
        part[name] = mean.to(torch.bfloat16)
        size += part[name].nbytes
        if size > LARGEST_PART:
            parts.append(part)
            part, size = {}, 0
    _write_parts([*parts, part] if part else parts, beside, save_file)
    _finish(models[0], beside)
    settle(beside)
    beside.rename(out)
    return {"kind": "full", "path": str(out), "sha256": file_sha256(weights_file(out) or out)}


def _tensors(folder: Path) -> dict[str, Any]:
    """Tensor name to a function that reads it."""
    from safetensors import SafetensorError, safe_open

    if not (folder / "config.json").is_file() or not list(folder.glob("model*.safetensors")):
        raise RunError("model.load", f"{folder} is no full model in safetensors")
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("model*.safetensors")):
        try:
            handle = safe_open(file, framework="pt")
        except SafetensorError as failure:
            raise RunError("model.load", f"{file} is damaged: {failure}") from None
        for name in handle.keys():  # noqa: SIM118 - it is no mapping
            found[name] = lambda handle=handle, name=name: handle.get_tensor(name)
    return found


def _check_alike(models: list[Path], tables: list[dict[str, Any]]) -> None:
    for folder, table in zip(models[1:], tables[1:], strict=True):
        if table.keys() != tables[0].keys():
            odd = sorted(table.keys() ^ tables[0].keys())[0]
            raise RunError("model.load", f"{folder} and {models[0]} hold other tensors: {odd}")
        for name in table:
            if table[name]().shape != tables[0][name]().shape:
                raise RunError("model.load", f"{name} of {folder} has another shape than in {models[0]}")


def _write_parts(parts: list[dict[str, Any]], folder: Path, save_file: Any) -> None:
    if len(parts) == 1:
        save_file(parts[0], folder / "model.safetensors", metadata={"format": "pt"})
        return
    places = {}
    for number, part in enumerate(parts, 1):
        file = f"model-{number:05d}-of-{len(parts):05d}.safetensors"
        save_file(part, folder / file, metadata={"format": "pt"})
        places |= dict.fromkeys(part, file)
    total = sum(tensor.nbytes for part in parts for tensor in part.values())
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n", "utf-8")


def _finish(first: Path, folder: Path) -> None:
    document = json.loads((first / "config.json").read_text("utf-8"))
    document.pop("_name_or_path", None)
    document["dtype"] = "bfloat16"
    (folder / "config.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    copy_tokenizer(first, folder)
