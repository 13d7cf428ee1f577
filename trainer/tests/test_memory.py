"""The memory rule, on the samples that src/engine/training/memory.test.ts reads too."""

import json
from typing import Any

import pytest

from deltascope_trainer.config import parse_config
from deltascope_trainer.memory import Shape, choose_batch, estimate
from deltascope_trainer.resolve import choose_sharding

from .conftest import PACKAGE

SAMPLES = json.loads((PACKAGE / "samples" / "memory.json").read_text())


def estimated(question: dict[str, Any], **more: Any) -> dict[str, int]:
    asked = {**question, **more}
    return estimate(Shape(**asked.pop("size")), **asked)


@pytest.mark.parametrize("sample", SAMPLES["estimates"])
def test_estimates(sample: Any) -> None:
    assert estimated(sample["question"]) == pytest.approx(sample["parts"], abs=4)


@pytest.mark.parametrize("sample", SAMPLES["choices"])
def test_choices(sample: Any, settings: Any) -> None:
    question, effective = sample["question"], sample["effective"]
    about = {"method": question["method"], "precision": question["precision"], "sharding": sample["sharding"]}
    config = parse_config(json.dumps(settings(**about, batch={"effective": effective, "device": sample["batch"]})))
    devices = question["devices"]

    def cost(batch: int, shards: int) -> int:
        return estimated(question, batch=batch, shards=shards)["total"]

    sharding = choose_sharding(config, devices, sample["free"], cost)
    shards = devices if sharding == "full" else 1
    batch = sample["batch"]
    if batch == "auto":
        batch = choose_batch(effective, devices, sample["free"], lambda size: cost(size, shards))
    assert [sharding, batch] == sample["expected"]


def test_what_a_process_may_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes on the processor share what is free, and what they hold by now is theirs already."""
    from deltascope_trainer import devices

    monkeypatch.setattr(devices, "describe", lambda device: {"freeBytes": 1000})
    monkeypatch.setattr(devices, "resident_bytes", lambda: 100)
    monkeypatch.setattr(devices, "_of_all", lambda own, device: [own, (900, 300)])
    assert devices.free_bytes("cpu", 1) == 1100
    assert devices.free_bytes("cpu", 2) == (900 + 400) // 2
    assert devices.free_bytes("cuda:0", 2) == 900
    monkeypatch.setattr(devices, "_of_all", lambda own, device: [own, (0, 0)])
    assert devices.free_bytes("cpu", 2) == 0
