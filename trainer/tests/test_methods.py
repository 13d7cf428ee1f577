"""Every method: what is saved, loaded and merged is what was trained."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors import safe_open
from transformers import AutoModelForCausalLM

from deltascope_trainer import export

TOLERANCE = {"dora": 2e-5, "pissa": 2e-5, "olora": 2e-5}


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The model in memory at the moment of its export."""
    seen: list[Any] = []
    original = export.export_final

    def note(model: Any, *rest: Any) -> Any:
        seen.append(model)
        return original(model, *rest)

    monkeypatch.setattr(export, "export_final", note)
    return seen


def logits(model: Any) -> Any:
    model.eval()
    with torch.no_grad():
        return model(input_ids=torch.tensor([[5, 6, 7, 100, 200, 300, 0]])).logits.float()


def load(base: Path, adapter: Path | None = None) -> Any:
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    return model if adapter is None else PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()


@pytest.mark.parametrize("method", ["lora", "rslora", "dora", "pissa", "olora", "lora+"])
def test_an_adapter_merged_into_the_original_base(
    method: str, settings: Any, run_here: Any, trained: list[Any], base: Path
) -> None:
    result = run_here(settings(method=method, max_steps=4, save={"every": 2}, lora={"rank": 4, "dropout": 0}))
    assert result.last["type"] == "done", result.last
    assert result.last["outputs"][0]["kind"] == "adapter"
    expected = logits(trained[0])
    assert (expected - logits(load(base))).abs().max() > 1e-3
    for folder in ("final", "checkpoint-4"):
        found = logits(load(base, result.folder / folder))
        assert (found - expected).abs().max() < TOLERANCE.get(method, 1e-5)
    config = json.loads((result.folder / "final" / "adapter_config.json").read_text())
    doubled = 2 if method in ("pissa", "olora") else 1
    assert (config["r"], config["lora_alpha"]) == (4 * doubled, 8 * doubled)
    assert config["init_lora_weights"] is True
    assert config["target_modules"] == sorted(config["target_modules"])
    assert (config["base_model_name_or_path"], config["revision"]) == ("tiny-base", None)
    assert (config["use_rslora"], config["use_dora"]) == (method == "rslora", method == "dora")
    assert str(base) not in (result.folder / "final" / "adapter_config.json").read_text()
    assert not (result.folder / "final" / "README.md").exists()


def test_merged_export_equals_the_adapter(settings: Any, run_here: Any, base: Path, trained: list[Any]) -> None:
    document = settings(max_steps=3, save={"every": None, "export": "merged", "dtype": "fp32"}, lora={"dropout": 0})
    result = run_here(document)
    assert result.last["outputs"][0]["kind"] == "merged"
    assert (logits(load(result.folder / "final")) - logits(trained[0])).abs().max() < 1e-5
    assert (result.folder / "final" / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()


def test_full_weights_are_exported_as_bf16(settings: Any, run_here: Any, trained: list[Any]) -> None:
    result = run_here(settings(method="full", learning_rate=1e-3, max_steps=3, save={"every": 2}))
    state = AutoModelForCausalLM.from_pretrained(result.folder / "final").state_dict()
    kept = AutoModelForCausalLM.from_pretrained(result.folder / "checkpoint-3").state_dict()
    for name, tensor in trained[0].state_dict().items():
        assert state[name].dtype == torch.bfloat16 and torch.equal(state[name], tensor.to(torch.bfloat16))
        assert torch.equal(kept[name], tensor)
    with safe_open(result.folder / "final" / "model.safetensors", framework="pt") as file:
        assert "lm_head.weight" not in file.keys()  # noqa: SIM118 - tied to the embedding, and it is no mapping
    config = json.loads((result.folder / "final" / "config.json").read_text())
    assert (config["dtype"], config["use_cache"]) == ("bfloat16", True)


def test_converted_factors_are_those_of_peft(base: Path, tmp_path: Path) -> None:
    """Our own conversion of PiSSA factors against peft's."""
    from peft import LoraConfig, get_peft_model
    from safetensors.torch import load_file

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, init_lora_weights="pissa", target_modules="all-linear"))
    initial = {name: tensor.clone() for name, tensor in export.adapter_state(model).items()}
    model.peft_config["default"].init_lora_weights = True
    model.save_pretrained(tmp_path / "initial", save_embedding_layers=False)
    model.peft_config["default"].init_lora_weights = "pissa"
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter += 0.01
    ours = export.converted(export.adapter_state(model), initial)
    model.save_pretrained(
        tmp_path / "peft",
        save_embedding_layers=False,
        path_initial_model_for_weight_conversion=str(tmp_path / "initial"),
    )
    theirs = load_file(tmp_path / "peft" / "adapter_model.safetensors")
    assert ours.keys() == theirs.keys()
    for name in (name for name in ours if "lora_A" in name):
        partner = name.replace("lora_A", "lora_B")
        assert torch.allclose(ours[partner] @ ours[name], theirs[partner] @ theirs[name], atol=1e-6)


@pytest.mark.parametrize(
    ("lora", "field"),
    [({"rank": 17}, "lora.rank"), ({"targets": ["q_proj", "qq"]}, "lora.targets")],
)
def test_adapters_that_do_not_fit(lora: dict[str, Any], field: str, settings: Any, run_here: Any) -> None:
    result = run_here(settings(lora=lora))
    assert (result.code, result.last["code"]) == (11, "config.invalid")
    assert result.last["details"]["fields"][0]["field"] == field


def test_orthogonal_factors_start_from_the_base(settings: Any, run_here: Any) -> None:
    plain = run_here(settings(max_steps=1, lora={"dropout": 0}), "plain")
    other = run_here(settings(max_steps=1, lora={"dropout": 0, "init": "orthogonal"}), "other")
    assert other.losses[1][0] == pytest.approx(plain.losses[1][0], abs=1e-4)


def test_names_from_the_hub_cache() -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    path = Path(f"/c/hub/models--Qwen--Qwen2.5-0.5B/snapshots/{commit}")
    assert export.base_name(path) == ("Qwen/Qwen2.5-0.5B", commit)
