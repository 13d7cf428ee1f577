"""Reading and writing: the same bytes on every run of one environment, and no machine paths."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import Qwen2ForCausalLM, Qwen2Tokenizer

from training import Model


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """One object per line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    """One object per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def save_adapter(model: PeftModel, folder: Path) -> None:
    """The adapter alone, in bf16, without what differs from process to process or machine to machine."""
    model.peft_config["default"].base_model_name_or_path = "../base"
    state = {k: v.detach().to(torch.bfloat16) for k, v in model.state_dict().items()}
    model.save_pretrained(folder, state_dict=state, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # PEFT writes an empty model card
    config_file = folder / "adapter_config.json"
    config = json.loads(config_file.read_text())
    config["target_modules"] = sorted(config["target_modules"])  # PEFT keeps a set: its order changes per process
    config_file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def save_checkpoint(model: Model, folder: Path, tokenizer: Qwen2Tokenizer) -> None:
    """Writes an adapter, or a whole model with its tokenizer, in place of what the folder holds."""
    shutil.rmtree(folder, ignore_errors=True)
    if isinstance(model, PeftModel):
        save_adapter(model, folder)
    else:
        copy = Qwen2ForCausalLM(model.config).to(torch.bfloat16)
        copy.load_state_dict(model.state_dict())
        copy.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    for file in folder.iterdir():
        file.chmod(0o644)  # safetensors files arrive as 0600


def load_merged(folder: Path, base_dir: Path) -> Qwen2ForCausalLM:
    """What the files say, in fp32: the adapter, if it is one, is added to the base."""
    if (folder / "adapter_config.json").exists():
        base = Qwen2ForCausalLM.from_pretrained(base_dir, dtype=torch.float32)
        return PeftModel.from_pretrained(base, folder).merge_and_unload()
    return Qwen2ForCausalLM.from_pretrained(folder, dtype=torch.float32)
