"""Loss, parameter groups, schedule, memory: against other implementations or hand-made numbers."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from deltascope_trainer.config import parse_config
from deltascope_trainer.loss import padded, summed_loss
from deltascope_trainer.memory import Shape, choose_batch, estimate
from deltascope_trainer.methods import apply_method
from deltascope_trainer.model import load_base
from deltascope_trainer.optimizers import make_optimizer, make_scheduler, multiplier, parameter_groups


def config_of(document: dict[str, Any]) -> Any:
    return parse_config(json.dumps(document))


@pytest.fixture
def model(settings: Any) -> Any:
    return load_base(config_of(settings(method="full")), "cpu")


def test_what_is_trained_is_fp32_and_a_frozen_base_bf16(settings: Any) -> None:
    full = load_base(config_of(settings(method="full", precision="bf16")), "cpu")
    assert {p.dtype for p in full.parameters()} == {torch.float32}
    lora = config_of(settings(precision="bf16"))
    adapted = apply_method(load_base(lora, "cpu"), lora)
    assert {p.dtype for p in adapted.parameters() if p.requires_grad} == {torch.float32}
    assert {p.dtype for p in adapted.parameters() if not p.requires_grad} == {torch.bfloat16}


def test_the_loss_is_the_stock_loss(model: Any) -> None:
    ids = [[5, 6, 7, 8, 9, 0], [11, 12, 0]]
    labels = [[-100, -100, -100, -100, 9, 0], [-100, 12, 0]]
    batch = padded(ids, labels, pad=0)
    stock = model(**batch).loss * 4
    assert summed_loss(model, batch).item() == pytest.approx(stock.item(), abs=2e-6)


def test_a_model_without_places_for_its_logits(model: Any) -> None:
    batch = padded([[5, 6, 7]], [[-100, 6, 7]], pad=0)
    expected = summed_loss(model, batch).item()
    model._deltascope_takes_places = False
    assert summed_loss(model, batch).item() == pytest.approx(expected, abs=1e-6)


def names_of(model: Any, group: dict[str, Any]) -> set[str]:
    own = {id(p) for p in group["params"]}
    return {name for name, p in model.named_parameters() if id(p) in own}


def test_biases_norms_and_magnitudes_are_not_decayed(model: Any, settings: Any) -> None:
    decayed, spared = parameter_groups(list(model.named_parameters()), config_of(settings(method="full")))
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.01, 0.0)
    assert all(name.endswith("bias") or "norm" in name for name in names_of(model, spared))
    assert sum(len(g["params"]) for g in (decayed, spared)) == len(list(model.parameters()))
    dora = config_of(settings(method="dora"))
    adapted = apply_method(model, dora)
    decayed, spared = parameter_groups(list(adapted.named_parameters()), dora)
    assert all("lora_A" in name or "lora_B" in name for name in names_of(adapted, decayed))
    assert all("lora_magnitude_vector" in name for name in names_of(adapted, spared))


def test_lora_plus_rates_are_those_of_peft(model: Any, settings: Any) -> None:
    from peft.optimizers import create_loraplus_optimizer

    config = config_of(settings(method="lora+"))
    adapted = apply_method(model, config)
    theirs = create_loraplus_optimizer(
        adapted, torch.optim.AdamW, lr=4e-3, loraplus_lr_ratio=16, loraplus_weight_decay=0.01
    )
    ours = make_optimizer(list(adapted.named_parameters()), config)

    def rates(optimizer: Any) -> dict[str, tuple[float, float]]:
        found = {}
        for group in optimizer.param_groups:
            for name in names_of(adapted, group):
                found[name] = (group["lr"], group["weight_decay"])
        return found

    assert rates(ours) == rates(theirs)
    assert ours.param_groups[0]["lr"] == 4e-3


def test_sgd_has_momentum(model: Any, settings: Any) -> None:
    config = config_of(settings(method="full", optimizer="sgd", momentum=0.8))
    optimizer = make_optimizer(list(model.named_parameters()), config)
    assert isinstance(optimizer, torch.optim.SGD) and optimizer.param_groups[0]["momentum"] == 0.8


@pytest.mark.parametrize(
    ("schedule", "at"),
    [
        ("cosine", {0: 0.5, 1: 1.0, 2: 1.0, 11: 0.5, 20: 0.0}),
        ("linear", {0: 0.5, 1: 1.0, 2: 1.0, 11: 0.5, 20: 0.0}),
        ("constant", {0: 0.5, 1: 1.0, 2: 1.0, 19: 1.0}),
    ],
)
def test_schedules(schedule: str, at: dict[int, float], settings: Any) -> None:
    config = config_of(settings(schedule=schedule, warmup=0.1))
    rate = multiplier(config, 20)
    for step, value in at.items():
        assert rate(step) == pytest.approx(value, abs=1e-12)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    make_scheduler(optimizer, config, 20)
    assert optimizer.param_groups[0]["lr"] == 2.0 * rate(0)
    assert multiplier(config_of(settings(warmup=0)), 5)(0) == 1.0


GIB = 1024**3
HALF = Shape(494_032_768, 357_826_560, 24, 896, 4864, 151_936)
THREE = Shape(3_085_938_688, 2_774_532_096, 36, 2048, 11008, 151_936)


@pytest.mark.parametrize(
    ("shape", "method", "optimizer", "trainable", "batch", "answers", "gib"),
    [
        (HALF, "full", "adamw", HALF.parameters, 1, 16, 9.8),
        (HALF, "full", "adamw", HALF.parameters, 8, 16, 10.0),
        (HALF, "full", "sgd", HALF.parameters, 1, 16, 7.8),
        (HALF, "lora", "adamw", 16 * 549_888, 8, 16, 2.4),
        (HALF, "lora", "adamw", 16 * 549_888, 8, 512, 9.6),
        (HALF, "full", "adamw", HALF.parameters, 8, 512, 15.0),
        (THREE, "full", "adamw", THREE.parameters, 1, 16, 53.8),
        (THREE, "lora", "adamw", 16 * 1_870_848, 8, 16, 9.0),
    ],
)
def test_memory_is_that_of_the_published_table(
    shape: Shape, method: str, optimizer: str, trainable: int, batch: int, answers: int, gib: float
) -> None:
    parts = estimate(shape, method, optimizer, trainable, batch, 512, answers)
    assert parts["total"] / GIB == pytest.approx(gib, abs=0.11)
    assert parts["total"] == pytest.approx(sum(v for k, v in parts.items() if k != "total"), abs=4)


def test_the_device_batch_divides_and_fits() -> None:
    assert choose_batch(24, 1, 100, lambda size: size) == 24
    assert choose_batch(24, 2, 100, lambda size: size) == 12
    assert choose_batch(24, 1, 10, lambda size: size) == 8
    assert choose_batch(24, 1, 1, lambda size: 100) == 1


def test_choices_score_as_plain_log_likelihoods(model: Any, tokenizer: Any, tmp_path: Path) -> None:
    """Against one forward per choice, written out."""
    from deltascope_trainer.evaluation import read_task, score

    from .conftest import DEMO

    lines = (DEMO / "tasks" / "compare.jsonl").read_text().splitlines()[:12]
    (tmp_path / "t.jsonl").write_text("\n".join(lines) + "\n")
    right, total = 0, 0.0
    for line in lines:
        item = json.loads(line)
        values = []
        for choice in item["choices"]:
            head = len(tokenizer(item["context"]).input_ids)
            ids = tokenizer(item["context"] + choice).input_ids
            with torch.no_grad():
                logs = model(input_ids=torch.tensor([ids])).logits[0].float().log_softmax(-1)
            values.append(sum(logs[t - 1, ids[t]].item() for t in range(head, len(ids))))
        right += values.index(max(values)) == item["gold"]
        total += values[item["gold"]]
    found = score(model, read_task(tmp_path / "t.jsonl", tokenizer, 512), pad=0)
    assert (found.n, found.accuracy) == (12, right / 12)
    assert found.mean_logprob == pytest.approx(total / 12, abs=1e-4)


def test_contexts_are_split_as_in_evaluation() -> None:
    from types import SimpleNamespace

    from deltascope_trainer.evaluation import encode_pair

    class Letters:
        bos_token_id, eos_token_id = None, 9

        def __call__(self, text: str) -> Any:
            return SimpleNamespace(input_ids=[ord(sign) for sign in text])

    moved = encode_pair(Letters(), "ab ", "c", False, 100)
    assert (moved.ids, moved.start) == ([97, 98, 32, 99], 2)
    assert encode_pair(Letters(), "ab ", "c", True, 100).start == 3
    assert encode_pair(Letters(), "", "c", False, 100).ids == [9, 99]
    cut = encode_pair(Letters(), "abcdef", "xy", False, 4)
    assert (cut.ids, cut.start) == ([101, 102, 120, 121], 2)
