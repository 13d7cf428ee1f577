import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from deltascope_trainer import averaging
from deltascope_trainer.cli import main


@pytest.fixture
def models(base: Path, tmp_path: Path) -> list[Path]:
    """Three copies of the base with other weights each."""
    folders = []
    for seed in range(3):
        torch.manual_seed(seed)
        folder = tmp_path / f"m{seed}"
        shutil.copytree(base, folder)
        state = load_file(base / "model.safetensors")
        save_file({k: torch.randn(v.shape) for k, v in state.items()}, folder / "model.safetensors")
        folders.append(folder)
    return folders


def run(tmp_path: Path, *words: Any) -> tuple[int, dict[str, Any]]:
    descriptor = os.open(tmp_path / "lines", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    code = main(["average", *map(str, words)], descriptor)
    os.close(descriptor)
    return code, json.loads((tmp_path / "lines").read_text().splitlines()[-1])


def test_the_mean_is_rounded_once(models: list[Path], tmp_path: Path) -> None:
    code, last = run(tmp_path, "--out", tmp_path / "mean", *models)
    assert (code, last["type"], last["outputs"][0]["kind"]) == (0, "done", "full")
    found, tables = (
        load_file(tmp_path / "mean" / "model.safetensors"),
        [load_file(m / "model.safetensors") for m in models],
    )
    for name, tensor in found.items():
        exact = sum(table[name].double() for table in tables) / 3
        assert torch.equal(tensor, exact.float().to(torch.bfloat16)) or (tensor - exact).abs().max() < 0.02
        assert tensor.dtype == torch.bfloat16
    assert (tmp_path / "mean" / "tokenizer.json").exists() and not (tmp_path / "mean.tmp").exists()


def test_large_models_are_split(models: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoModelForCausalLM

    monkeypatch.setattr(averaging, "LARGEST_PART", 20_000)
    averaging.average(models, tmp_path / "mean")
    index = json.loads((tmp_path / "mean" / "model.safetensors.index.json").read_text())
    assert len(set(index["weight_map"].values())) > 2
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "mean").config.hidden_size == 32


def test_what_cannot_be_averaged(models: list[Path], tmp_path: Path) -> None:
    state = load_file(models[1] / "model.safetensors")
    name = next(iter(state))
    save_file({**state, name: state[name][:1].clone()}, models[1] / "model.safetensors")
    code, last = run(tmp_path, "--out", tmp_path / "mean", *models)
    assert (code, last["code"]) == (13, "model.load") and name in last["message"]
    assert run(tmp_path, "--out", models[0], *models)[1]["code"] == "run.exists"
    assert run(tmp_path, "--out", tmp_path / "mean", models[0])[1]["code"] == "config.invalid"
    assert not (tmp_path / "mean").exists()
