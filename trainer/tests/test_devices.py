"""What is asked of cards, where there are none: torch's answers are put in its mouth."""

import json
import os
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import torch

from deltascope_trainer import devices, launch, model
from deltascope_trainer.config import parse_config
from deltascope_trainer.errors import RunError, classify
from deltascope_trainer.methods import apply_method, widen_norms
from deltascope_trainer.model import outline, weights_type
from deltascope_trainer.placement import torch_device
from deltascope_trainer.quantised import record_error


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two cards, the second an old one; the places that were asked for their memory."""
    asked: list[int] = []

    def memory(place: int) -> tuple[int, int]:
        asked.append(place)
        return 30 + place, 80

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", memory)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda place: (8 - place, 0))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda place: f"card {place}")
    return asked


def test_all_cards_are_listed(cards: list[int]) -> None:
    found = devices.list_devices()
    assert [(one["id"], one["bf16"]) for one in found] == [("cuda:0", True), ("cuda:1", False), ("cpu", True)]


@pytest.mark.parametrize(("device", "rank", "place"), [("cuda:3", None, 0), ("cuda:2,3", "1", 1), ("cuda:0", None, 0)])
def test_a_run_asks_only_its_own_card(
    device: str, rank: str | None, place: int, cards: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the cards that are named only they are seen, counted from 0; asking another would take memory of it."""
    if rank is not None:
        monkeypatch.setenv("LOCAL_RANK", rank)
    assert torch_device(device) == f"cuda:{place}"
    about = devices.describe(device)
    assert (about["id"], about["name"], about["freeBytes"]) == (device, f"card {place}", 30 + place)
    assert cards == [place]


def test_emulated_bf16_is_none(cards: list[int], monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Cards before Ampere compute it in software."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation)
    config = parse_config(json.dumps(settings(device="cuda:0", precision=None)))
    assert devices.choose_precision(config, "cuda:0") == "fp32"
    asked = parse_config(json.dumps(settings(device="cuda:0", precision="bf16")))
    with pytest.raises(RunError, match="choose fp32 or fp16"):
        devices.choose_precision(asked, "cuda:0")


def test_the_peak_is_what_was_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("memory_allocated", 5), ("memory_reserved", 7), ("max_memory_reserved", 9)):
        monkeypatch.setattr(torch.cuda, name, lambda value=value: value)
    assert devices.gpu_bytes("cuda:1") == {"used": 5, "reserved": 7, "peak": 9}
    monkeypatch.setattr(torch.mps, "current_allocated_memory", lambda: 3)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 4)
    assert devices.gpu_bytes("mps") == {"used": 3, "reserved": 4, "peak": 4}
    assert devices.gpu_bytes("cpu") is None


def test_an_apple_gpu(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """fp32 only, and of the computer's memory."""
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(devices, "host_memory", lambda: (16, 8))
    assert devices.choose_device("auto") == "mps"
    assert devices.describe("mps")["freeBytes"] == 8
    config = parse_config(json.dumps(settings(device="mps", precision=None)))
    assert devices.choose_precision(config, "mps") == "fp32"


def test_memory_of_a_card_that_runs_out() -> None:
    assert classify(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")).code == "oom.device"
    mps = RuntimeError("MPS backend out of memory (MPS allocated: 8 GB, other allocations: 1 GB, max allowed: 9 GB)")
    assert classify(mps).code == "oom.device"
    cublas = RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")
    assert classify(cublas).code == "oom.device"


@pytest.mark.parametrize(
    ("precision", "compute", "loaded"), [("bf16", "bfloat16", 2), ("fp16", "float16", 4), ("fp32", "float32", 4)]
)
def test_a_base_of_four_bits_is_loaded_on_this_process_s_card(
    precision: str, compute: str, loaded: int, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForCausalLM

    asked: dict[str, Any] = {}

    def load(path: str, **words: Any) -> Any:
        asked.update(words)
        found = types.SimpleNamespace(config=types.SimpleNamespace(use_cache=True))
        return found, {"missing_keys": set()}

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", load)
    monkeypatch.setattr(
        "transformers.utils.quantization_config.is_bitsandbytes_available", lambda *_: True, raising=False
    )
    monkeypatch.setenv("LOCAL_RANK", "1")
    config = parse_config(json.dumps(settings(method="qlora", device="cuda:0,1", precision=precision)))
    model.load_base(config, "cuda:0")
    assert asked["device_map"] == {"": "cuda:1"}
    bits = asked["quantization_config"]
    assert (bits.load_in_4bit, bits.bnb_4bit_quant_type) == (True, "nf4")
    assert bits.bnb_4bit_compute_dtype == getattr(torch, compute)
    assert asked["dtype"].itemsize == loaded == getattr(torch, weights_type(config)).itemsize


def test_norms_of_a_base_of_four_bits_are_fp32(settings: Any) -> None:
    """Its embeddings stay narrow, and only factors are trained."""
    config = parse_config(json.dumps(settings(method="qlora", precision="bf16")))
    adapted = apply_method(outline(config), config)
    for name, parameter in adapted.named_parameters():
        trained = "lora_" in name
        assert parameter.requires_grad == trained
        wide = trained or parameter.ndim == 1
        assert parameter.dtype == (torch.float32 if wide else torch.bfloat16), name


def test_packed_weights_are_not_widened() -> None:
    packed = torch.nn.Linear(4, 4).to(torch.bfloat16)
    packed.weight = torch.nn.Parameter(torch.zeros(8, 1, dtype=torch.uint8), requires_grad=False)
    widen_norms(packed)
    assert (packed.weight.dtype, packed.bias.dtype) == (torch.uint8, torch.float32)


def test_how_far_four_bits_are_from_the_base(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for bitsandbytes that rounds to halves."""
    from transformers import AutoModelForCausalLM

    found = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    layer = found.model.layers[0].mlp.up_proj
    original = layer.weight.detach().clone()

    class Linear4bit(torch.nn.Linear):
        pass

    packed = Linear4bit(*reversed(original.shape), bias=False)
    packed.weight.data.copy_(original)
    packed.weight.quant_state = "state"
    found.model.layers[0].mlp.up_proj = packed
    stand_in = types.ModuleType("bitsandbytes")
    stand_in.nn = types.SimpleNamespace(Linear4bit=Linear4bit)
    stand_in.functional = types.SimpleNamespace(dequantize_4bit=lambda data, state: (data * 32).round() / 32)
    monkeypatch.setitem(sys.modules, "bitsandbytes", stand_in)
    record_error(found, base, tmp_path)
    document = json.loads((tmp_path / "quantisation.json").read_text())
    expected = (((original * 32).round() / 32) - original).norm() / original.norm()
    assert document["relative_error"] == {"model.layers.0.mlp.up_proj": pytest.approx(expected.item(), rel=1e-5)}


def test_old_drivers_are_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accelerate.utils.check_cuda_p2p_ib_support", lambda: False)
    for name in ("NCCL_P2P_DISABLE", "NCCL_IB_DISABLE"):
        monkeypatch.delenv(name, raising=False)
    launch._spare_old_drivers()
    assert (os.environ["NCCL_P2P_DISABLE"], os.environ["NCCL_IB_DISABLE"]) == ("1", "1")
