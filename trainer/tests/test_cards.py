"""On NVIDIA cards: `pytest -m gpu`. Skipped where there are none."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from deltascope_trainer.devices import has_bitsandbytes
from deltascope_trainer.memory import MARGIN_BYTES

from .conftest import await_step, make_base, running_first
from .test_several import LOOPBACK, finished, losses
from .test_sharding import alike

CARDS = torch.cuda.device_count() if torch.cuda.is_available() else 0
pytestmark = [pytest.mark.gpu, pytest.mark.skipif(CARDS == 0, reason="needs a CUDA device")]
two_cards = pytest.mark.skipif(CARDS < 2, reason="needs two CUDA devices")
four_bits = pytest.mark.skipif(CARDS == 0 or not has_bitsandbytes(), reason="needs bitsandbytes on a CUDA device")
half = pytest.mark.skipif(CARDS == 0 or not torch.cuda.is_bf16_supported(False), reason="needs a card with bf16")
ONE = {"device": "cuda:0", "lora": {"dropout": 0}, "learning_rate": 1e-3}


@pytest.fixture(scope="session")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """160 million parameters: enough to weigh against the margin."""
    return make_base(tmp_path_factory.mktemp("models") / "larger-base", 1024, 12, 16, 4, 3072)


@pytest.mark.parametrize("method", ["lora", "full", "dora", "pissa"])
def test_trains_as_the_processor_does(method: str, settings: Any, start: Any) -> None:
    """In fp32: the same losses up to rounding."""
    same = {**ONE, "method": method, "max_steps": 4}
    card = finished(start(settings(**same), "card", "--no-stdin"))
    assert card[-1]["type"] == "done", card[-1]
    processor = finished(start(settings(**{**same, "device": "cpu"}), "cpu", "--no-stdin"))
    assert losses(card) == pytest.approx(losses(processor), rel=2e-3)
    [about] = [line for line in card if line["type"] == "env"]
    assert (about["device"], about["device_name"]) == ("cuda:0", torch.cuda.get_device_name(0))
    memory = [line["gpu"] for line in card if line["type"] == "progress"]
    assert all(0 < one["used"] <= one["reserved"] <= one["peak"] for one in memory)


@pytest.mark.parametrize("precision", [pytest.param("bf16", marks=half), "fp16"])
def test_half_precision(precision: str, settings: Any, start: Any) -> None:
    """Losses near those of fp32, and falling; fp16 scales its loss and skips what overflows."""
    wide = finished(start(settings(**ONE, method="full"), "wide", "--no-stdin"))
    narrow = finished(start(settings(**ONE, method="full", precision=precision), "narrow", "--no-stdin"))
    assert narrow[-1]["type"] == "done", narrow[-1]
    assert losses(narrow) == pytest.approx(losses(wide), rel=0.05)


@four_bits
def test_four_bits(settings: Any, start: Any, larger: Path, tmp_path: Path) -> None:
    document = settings(**ONE, method="qlora", base={"path": str(larger)})
    lines = finished(start(document, "run", "--no-stdin"))
    assert lines[-1]["type"] == "done", lines[-1]
    errors = json.loads((tmp_path / "run" / "quantisation.json").read_text())["relative_error"]
    assert len(errors) == 12 * 7 and all(0.02 < error < 0.2 for error in errors.values())
    plain = finished(start({**document, "method": "lora", "precision": "bf16"}, "plain", "--no-stdin"))
    assert losses(lines) == pytest.approx(losses(plain), rel=0.2)
    assert (tmp_path / "run" / "final" / "adapter_model.safetensors").exists()


@pytest.mark.parametrize("method", ["lora", "full", pytest.param("qlora", marks=four_bits)])
def test_cancelled_and_gone_on(method: str, settings: Any, start: Any) -> None:
    """Equal to rounding: kernels of cards add in an order of their own."""
    document = settings(**ONE, method=method)
    whole = finished(start(document, "whole", "--no-stdin"))
    process = start(document, "part")
    seen = await_step(process, 6)
    last = finished(process, '{"v":1,"type":"cancel","save":true}\n')[-1]
    assert (last["type"], last["checkpoint"]) == ("cancelled", f"checkpoint-{last['step']}")
    rest = finished(start(document, "part", "--resume", "--no-stdin"))
    assert {**losses(whole), **losses(seen), **losses(rest)} == pytest.approx(losses(whole), rel=1e-3)


def test_out_of_memory_and_on_with_half_the_batch(settings: Any, start: Any, tmp_path: Path) -> None:
    """The card is made small for the whole batch; what the app does then is a new process with half of it."""
    program = """
        from deltascope_trainer import optimizers
        make = optimizers.make_optimizer
        def small(named, config):
            import torch
            if config.batch.device == 8:
                torch.cuda.set_per_process_memory_fraction(1e-6)
            return make(named, config)
        optimizers.make_optimizer = small
    """
    path = running_first(tmp_path, program)
    whole = settings(**ONE, method="full", batch={"effective": 8, "device": 8}, data={"cutoff": 512})
    failed = finished(start(whole, "run", "--no-stdin", PYTHONPATH=path))[-1]
    assert (failed["type"], failed["code"], failed["retryable"]) == ("error", "oom.device", True)
    halved = {**whole, "batch": {"effective": 8, "device": 4}}
    assert finished(start(halved, "run", "--resume", "--no-stdin", PYTHONPATH=path))[-1]["type"] == "done"


@half
@pytest.mark.parametrize("method", ["full", "lora", pytest.param("qlora", marks=four_bits)])
@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_the_estimate_is_within_15_percent(
    method: str, precision: str, settings: Any, start: Any, larger: Path
) -> None:
    """Against the most that was reserved, and the driver's share, which the margin stands for."""
    document = settings(**ONE, method=method, precision=precision, base={"path": str(larger)}, max_steps=4)
    lines = finished(start(document, "run", "--no-stdin"))
    assert lines[-1]["type"] == "done", lines[-1]
    [estimate] = [line["memory"]["total"] for line in lines if line["type"] == "plan"]
    measured = max(line["gpu"]["peak"] for line in lines if line["type"] == "progress") + MARGIN_BYTES
    assert estimate == pytest.approx(measured, rel=0.15)


@two_cards
def test_the_second_card_alone(settings: Any, start: Any) -> None:
    lines = finished(start(settings(**{**ONE, "device": "cuda:1"}, max_steps=2), "run", "--no-stdin"))
    assert lines[-1]["type"] == "done", lines[-1]
    assert [line["device"] for line in lines if line["type"] == "env"] == ["cuda:1"]


@two_cards
@pytest.mark.parametrize("method", ["lora", "full", pytest.param("qlora", marks=four_bits)])
def test_two_cards_train_as_one(method: str, settings: Any, start: Any) -> None:
    """Data parallel over NCCL."""
    same = {**ONE, "method": method, "max_steps": 4, "sharding": "none"}
    document = settings(**{**same, "device": "cuda:0,1"}, batch={"effective": 8, "device": 4})
    two = finished(start(document, "two", "--no-stdin", **LOOPBACK))
    assert two[-1]["type"] == "done", two[-1]
    one = finished(start(settings(**same, batch={"effective": 8, "device": 8}), "one", "--no-stdin"))
    assert losses(two) == pytest.approx(losses(one), rel=2e-3)


@two_cards
@pytest.mark.parametrize("method", ["lora", "full"])
def test_divided_among_two_cards(method: str, settings: Any, start: Any, tmp_path: Path) -> None:
    """FSDP 2 over NCCL: losses and files of data parallel, and going on after a cancel."""
    same = {**ONE, "method": method, "max_steps": 6, "save": {"dtype": "fp32"}, "device": "cuda:0,1"}
    batch = {"effective": 8, "device": 2}
    whole = finished(start(settings(**same, sharding="none", batch=batch), "whole", "--no-stdin", **LOOPBACK))
    document = settings(**same, sharding="full", batch=batch)
    process = start(document, "parts", **LOOPBACK)
    seen = await_step(process, 2)
    assert finished(process, '{"v":1,"type":"cancel","save":true}\n')[-1]["type"] == "cancelled"
    rest = finished(start(document, "parts", "--resume", "--no-stdin", **LOOPBACK))
    assert rest[-1]["type"] == "done", rest[-1]
    parts = {**losses(seen), **losses(rest)}
    assert parts == pytest.approx({step: losses(whole)[step] for step in parts}, rel=1e-3)
    alike(tmp_path / "parts" / "final", tmp_path / "whole" / "final", 1e-4)
