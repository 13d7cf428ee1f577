"""Whole runs inside this process: their lines and files, going on, and every error."""

import errno
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from deltascope_trainer import cli, export, trainer_loop, trainer_watch
from deltascope_trainer.canonical import config_sha
from deltascope_trainer.checkpoints import read_seal
from deltascope_trainer.errors import EXIT_CODES, classify


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_lines_and_files_of_a_run(settings: Any, run_here: Any, tmp_path: Path) -> None:
    task = tmp_path / "task.jsonl"
    task.write_text(json.dumps({"context": "Is 1 larger than 2 ?", "choices": ["Yes", "No"], "gold": 1}) + "\n")
    document = settings(
        data={"validation": 0.25, "labels": ["Yes", "No"], "noise": 0.25},
        eval={"every": 6, "tasks": [str(task)]},
        log={"every": 4},
        save={"keep": "all"},
        batch={"device": "auto"},
    )
    result = run_here(document)
    assert result.code == 0
    kinds = [line["type"] for line in result.lines if line["type"] not in ("heartbeat", "progress")]
    evals = ["eval", "eval"]
    saved = "checkpoint"
    assert kinds == ["hello", "env", "plan", "started", saved, *evals, saved, *evals, saved, "done"]
    assert [line["seq"] for line in result.lines] == list(range(1, len(result.lines) + 1))
    assert [line["step"] for line in result.of("progress")] == [4, 8, 12]
    assert [line["path"] for line in result.of("checkpoint")] == ["checkpoint-5", "checkpoint-10", "checkpoint-12"]
    plan = result.of("plan")[0]
    assert (plan["rows"], plan["steps"], plan["steps_per_epoch"]) == (36, 12, 5)
    resolved = json.loads((result.folder / "run.json").read_text())
    assert plan["config"] == resolved
    assert (resolved["batch"]["device"], resolved["lora"]["alpha"], resolved["threads"]) == (8, 8, 1)
    assert resolved["base"]["sha256"] == digest(Path(resolved["base"]["path"]) / "model.safetensors")
    assert {line["config_sha"] for line in result.of("checkpoint")} == {config_sha(resolved)}
    flips = [json.loads(line) for line in (result.folder / "flips.jsonl").read_text().splitlines()]
    assert len(flips) == 9 and all(flip["from"] != flip["to"] for flip in flips)
    weights = result.folder / "final" / "adapter_model.safetensors"
    assert result.last["outputs"] == [{"kind": "adapter", "path": "final", "sha256": digest(weights)}]
    assert [json.loads(line) for line in (result.folder / "events.jsonl").read_text().splitlines()] == result.lines
    for path in result.folder.rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o777 == 0o644, path
    assert str(tmp_path) not in (result.folder / "checkpoint-12" / "adapter_config.json").read_text()
    assert not list(result.folder.rglob("training_args.bin")) and not list(result.folder.rglob("README.md"))


def test_what_the_checks_find_is_warned_of(settings: Any, run_here: Any, rows: Path, tmp_path: Path) -> None:
    first, *others = rows.read_text().splitlines()
    empty = json.dumps({**json.loads(first), "output": ""})
    copy = tmp_path / "rows.jsonl"
    copy.write_text("\n".join([first, empty, others[0], first, *others[1:]]) + "\n")
    result = run_here(settings(data={"files": [{"path": str(copy), "format": "alpaca"}]}, max_steps=1))
    warned = {line["code"]: line["details"]["lines"] for line in result.of("warning")}
    assert warned["data.empty-answer"] == [2] and 4 in warned["data.duplicates"]
    messages = {line["code"]: line["message"] for line in result.of("warning")}
    assert messages["data.empty-answer"] == "rows.jsonl: 1 row with an empty answer (line 2)."
    kinds = [line["type"] for line in result.lines]
    assert kinds.index("warning") < kinds.index("plan")  # nothing is loaded before the plan


@pytest.mark.parametrize("code", ["data.read", "data.labels"])
def test_bad_rows_are_refused_before_anything_heavy_is_imported(code: str, settings: Any, tmp_path: Path) -> None:
    row = {"instruction": "i", "output": "Never"} if code == "data.labels" else {"question": "q"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    data = {"files": [{"path": str(tmp_path / "rows.jsonl"), "format": "alpaca"}], "labels": ["Yes", "No"]}
    (tmp_path / "config.json").write_text(json.dumps(settings(data=data)))
    words = ["run", str(tmp_path / "config.json"), "--out", str(tmp_path / "out"), "--no-stdin"]
    without = "import sys; sys.modules.update(torch=None, transformers=None)"
    script = f"{without}; from deltascope_trainer.cli import main; sys.exit(main({words!r}, 1))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert json.loads(ended.stdout.splitlines()[-1])["code"] == code, ended.stderr


def test_the_device_batch_changes_only_rounding(settings: Any, run_here: Any) -> None:
    """Answer tokens are averaged over the whole effective batch, also where batches hold different numbers."""
    small = run_here(settings(lora={"dropout": 0}, batch={"device": 2}, save={"every": None}), "small")
    large = run_here(settings(lora={"dropout": 0}, batch={"device": 8}, save={"every": None}), "large")
    for step in large.losses:
        assert small.losses[step] == pytest.approx(large.losses[step], rel=1e-4)
    assert not list(large.folder.glob("checkpoint-*"))


def test_old_checkpoints_go_after_new_ones_are_sealed(settings: Any, run_here: Any) -> None:
    result = run_here(settings(save={"every": 3, "keep": 2}))
    assert sorted(path.name for path in result.folder.glob("checkpoint-*")) == ["checkpoint-12", "checkpoint-9"]
    seal = read_seal(result.folder / "checkpoint-12")
    assert seal["step"] == 12
    assert {file["name"] for file in seal["files"]} >= {"adapter_model.safetensors", "optimizer.pt", "rng_state.pth"}


CASES = {
    "lora": {},
    "pissa": {"method": "pissa"},
    "full-sgd": {"method": "full", "optimizer": "sgd", "learning_rate": 1e-2},
    "bf16": {"precision": "bf16", "epochs": 2, "max_steps": None},
}


@pytest.mark.parametrize("case", CASES)
def test_going_on_equals_never_having_stopped(case: str, settings: Any, run_here: Any) -> None:
    """Stopped at step 7 of 12 (in the second epoch), gone on from the checkpoint: losses and files bit for bit."""
    document = settings(**CASES[case])
    whole = run_here(document, "whole")
    part = stop_at(7, run_here, document, "part")
    assert (part.code, part.last["type"]) == (10, "cancelled")
    assert part.last == {**part.last, "step": 7, "checkpoint": "checkpoint-7"}
    rest = run_here(document, "part", "--resume")
    assert rest.of("started")[0]["resumed_from"] == 7
    assert {**part.losses, **rest.losses} == whole.losses
    for name in ("adapter_model.safetensors", "model.safetensors"):
        if (whole.folder / "final" / name).exists():
            assert digest(rest.folder / "final" / name) == digest(whole.folder / "final" / name)
    assert rest.of("progress")[-1]["tokens"] == whole.of("progress")[-1]["tokens"]


def stop_at(step: int, run_here: Any, document: dict[str, Any], name: str, save: bool = True) -> Any:
    """A run that is cancelled after a step."""
    original = trainer_watch.Watch.on_step_end

    def cancel(self: Any, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if state.global_step == step:
            self.requests.cancel(save)
        original(self, args, state, control, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer_watch.Watch, "on_step_end", cancel)
        return run_here(document, name)


def test_an_evaluation_that_a_stop_left_out_is_made_up_for(settings: Any, run_here: Any) -> None:
    """Stopped at the very step whose evaluation was due: every step is evaluated once, as if nobody had stopped it."""
    document = settings(data={"validation": 0.25}, eval={"every": 6})
    whole = run_here(document, "whole")
    part = stop_at(6, run_here, document, "part")
    rest = run_here(document, "part", "--resume")
    found = [(line["step"], line["loss"]) for line in [*part.of("eval"), *rest.of("eval")]]
    assert found == [(line["step"], line["loss"]) for line in whole.of("eval")]
    assert [step for step, _ in found] == [6, 12]
    assert {**part.losses, **rest.losses} == whole.losses


def test_gone_on_with_another_device_batch(settings: Any, run_here: Any) -> None:
    """The same run in smaller parts, as after memory ran out."""
    document = settings(lora={"dropout": 0})
    whole = run_here(document, "whole")
    part = stop_at(7, run_here, document, "part")
    rest = run_here({**document, "batch": {"effective": 8, "device": 2}}, "part", "--resume")
    assert rest.of("started")[0]["resumed_from"] == 7
    assert [line["code"] for line in rest.of("warning")] == ["checkpoint.batch"]
    for step, values in {**part.losses, **rest.losses}.items():
        assert values == pytest.approx(whole.losses[step], rel=1e-4)


def test_cancelled_without_a_checkpoint(settings: Any, run_here: Any) -> None:
    result = stop_at(4, run_here, settings(), "run", save=False)
    assert (result.code, result.last["step"], result.last["checkpoint"]) == (10, 4, None)
    assert not list(result.folder.glob("checkpoint-*")) and not (result.folder / "final").exists()


def test_a_checkpoint_on_request(settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = iter([False, True])
    monkeypatch.setattr(cli.Requests, "take_checkpoint", lambda self: next(asked, False))
    result = run_here(settings(save={"every": None}))
    assert [line["step"] for line in result.of("checkpoint")] == [2] and result.last["type"] == "done"


def test_minutes_end_a_run_that_can_go_on(settings: Any, run_here: Any) -> None:
    result = run_here(settings(limits={"minutes": 1e-9}))
    assert result.code == 10 and result.of("warning")[0]["code"] == "limit.minutes"
    assert run_here(settings(), "run", "--resume").last["type"] == "done"


def test_a_run_with_results_is_not_overwritten(settings: Any, run_here: Any) -> None:
    run_here(settings(max_steps=2))
    result = run_here(settings(max_steps=2))
    assert (result.code, result.last["code"]) == (11, "run.exists")
    again = run_here(settings(max_steps=2), "run", "--resume")
    assert again.last["type"] == "done" and again.of("started")[0]["resumed_from"] == 2
    assert again.last["final_loss"] is not None


def test_another_configuration_is_no_continuation(settings: Any, run_here: Any) -> None:
    stop_at(5, run_here, settings(), "run")
    result = run_here(settings(seed=2), "run", "--resume")
    assert (result.code, result.last["code"]) == (17, "checkpoint.mismatch")
    assert result.last["details"]["fields"] == [{"field": "config_sha", "message": "the recipe is another one"}]
    assert run_here({**settings(), "name": "renamed"}, "run", "--resume").last["type"] == "done"


def test_other_data_is_no_continuation(settings: Any, run_here: Any, rows: Path, tmp_path: Path) -> None:
    copy = tmp_path / "rows.jsonl"
    copy.write_bytes(rows.read_bytes())
    document = settings(data={"files": [{"path": str(copy), "format": "alpaca"}]})
    stop_at(5, run_here, document, "run")
    copy.write_text(copy.read_text().replace("Yes", "Yep"))
    result = run_here(document, "run", "--resume")
    assert (result.code, [each["field"] for each in result.last["details"]["fields"]]) == (17, ["data_sha256"])


def test_incomplete_and_damaged_checkpoints_are_passed_over(settings: Any, run_here: Any) -> None:
    part = stop_at(7, run_here, settings(), "run")
    (part.folder / "checkpoint-11").mkdir()
    (part.folder / "checkpoint-11" / "optimizer.pt").write_bytes(b"half")
    damaged = part.folder / "checkpoint-7" / "optimizer.pt"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    rest = run_here(settings(), "run", "--resume")
    assert [line["code"] for line in rest.of("warning")] == ["checkpoint.incomplete", "checkpoint.damaged"]
    assert rest.of("started")[0]["resumed_from"] == 5
    assert rest.last["type"] == "done" and not (part.folder / "checkpoint-11").exists()


def test_a_damaged_record_of_the_run(settings: Any, run_here: Any) -> None:
    part = stop_at(3, run_here, settings(), "run")
    (part.folder / "run.json").write_text("{")
    result = run_here(settings(), "run", "--resume")
    assert (result.code, result.last["code"]) == (17, "checkpoint.damaged")


def test_only_damaged_checkpoints(settings: Any, run_here: Any) -> None:
    part = stop_at(3, run_here, settings(), "run")
    (part.folder / "checkpoint-3" / "rng_state.pth").unlink()
    result = run_here(settings(), "run", "--resume")
    assert (result.code, result.last["code"]) == (17, "checkpoint.damaged")


def refuse(code: str, result: Any) -> dict[str, Any]:
    last = result.last
    assert (last["type"], last["code"], result.code) == ("error", code, EXIT_CODES[code]), last
    assert last["message"] and [line["type"] for line in result.lines].count("error") == 1
    return last


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("config.invalid", {"seed": -1}),
        ("config.batch", {"batch": {"effective": 8, "device": 3}}),
        ("env.device", {"device": "cuda:7"}),
        ("env.device", {"device": "tpu"}),
        ("env.device", {"method": "qlora"}),
        ("env.device", {"precision": "fp16"}),
        ("data.read", {"data": {"files": [{"path": "/none.jsonl", "format": "alpaca"}]}}),
        ("data.read", {"data": {"cutoff": 20, "overlong": "error"}}),
        ("data.empty", {"data": {"cutoff": 20, "overlong": "drop"}}),
        ("data.labels", {"data": {"labels": ["Yes", "Never"]}}),
        ("model.load", {"base": {"path": "/nowhere"}}),
        ("checkpoint.mismatch", {"base": {"sha256": "00"}}),
        ("model.tokenizer", {"data": {"template": "chat"}}),
    ],
)
def test_errors_of_preparation(code: str, changes: dict[str, Any], settings: Any, run_here: Any) -> None:
    last = refuse(code, run_here(settings(**changes)))
    if code == "data.labels":
        assert last["details"]["rows"][0]["message"] == "the answer 'No' is none of the labels"
    assert last["retryable"] is False and last["step"] is None


def test_bases_that_cannot_be_used(settings: Any, run_here: Any, base: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(base, bad)
    (bad / "tokenizer.json").unlink()
    refuse("model.tokenizer", run_here(settings(base={"path": str(bad)}), "a"))
    shutil.copyfile(base / "tokenizer.json", bad / "tokenizer.json")
    (bad / "model.safetensors").write_bytes((base / "model.safetensors").read_bytes()[:500])
    refuse("model.load", run_here(settings(base={"path": str(bad)}), "b"))


def test_a_vocabulary_that_is_too_small(settings: Any, run_here: Any, base: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    small = tmp_path / "small"
    shutil.copytree(base, small)
    model = AutoModelForCausalLM.from_pretrained(base)
    model.resize_token_embeddings(300)
    model.save_pretrained(small)
    assert "300 embeddings" in refuse("model.tokenizer", run_here(settings(base={"path": str(small)})))["message"]


def test_bf16_without_support(settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deltascope_trainer.devices.supports_bf16", lambda device: False)
    refuse("env.bf16", run_here(settings(precision="bf16")))


def test_sharding_is_refused(settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    refuse("env.device", run_here(settings()))


def test_a_missing_package(settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    refuse("env.import", run_here(settings()))


def at_step(step: int, failure: BaseException) -> Any:
    """A loss that fails at a step."""
    original = trainer_loop.Loop.compute_loss

    def compute(self: Any, *rest: Any, **named: Any) -> Any:
        if self.state.global_step == step:
            raise failure
        return original(self, *rest, **named)

    return compute


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("oom.device", torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")),
        ("oom.host", MemoryError()),
        ("oom.host", RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")),
        ("disk.full", OSError(errno.ENOSPC, "No space left on device")),
        ("disk.write", OSError(errno.EIO, "Input/output error")),
        ("internal", RuntimeError("surprise")),
    ],
)
def test_errors_while_training(
    code: str, failure: BaseException, settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_loop.Loop, "compute_loss", at_step(6, failure))
    result = run_here(settings())
    last = refuse(code, result)
    assert last["step"] == 6 and last["retryable"] == (code.split(".")[0] in ("oom", "disk"))
    assert result.of("checkpoint")[0]["step"] == 5


def test_a_full_disk_in_the_middle_of_a_save(settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The half-written checkpoint is not taken; after space was made the run goes on to the same result."""
    whole = run_here(settings(), "whole")
    original = torch.save

    def full(value: Any, path: Any, *rest: Any, **named: Any) -> None:
        if "checkpoint-10" in str(path):
            Path(path).write_bytes(b"half")
            raise RuntimeError("[enforce fail at inline_container.cc:672] PytorchStreamWriter failed writing file")
        original(value, path, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", full)
        refuse("disk.full", run_here(settings()))
    rest = run_here(settings(), "run", "--resume")
    assert rest.of("started")[0]["resumed_from"] == 5
    weights = "final/adapter_model.safetensors"
    assert digest(rest.folder / weights) == digest(whole.folder / weights)


def test_room_is_asked_for_before_the_first_step(settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    last = refuse("disk.full", run_here(settings()))
    assert last["details"]["needed"] > 1000 and last["step"] is None


def test_a_failed_export_leaves_no_result(settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(export, "settle", at_export)
        refuse("disk.full", run_here(settings(max_steps=3)))
    folder = run_here(settings(max_steps=3), "run", "--resume")
    assert folder.last["type"] == "done" and not (folder.folder / ".final.tmp").exists()


def at_export(path: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("mode", ["stop", "skip"])
def test_a_step_that_is_not_finite(mode: str, settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    original = trainer_loop.Loop.compute_loss

    def compute(self: Any, *rest: Any, **named: Any) -> Any:
        loss = original(self, *rest, **named)
        return loss * float("nan") if self.state.global_step == 3 else loss

    monkeypatch.setattr(trainer_loop.Loop, "compute_loss", compute)
    result = run_here(settings(limits={"non_finite": mode}))
    if mode == "stop":
        last = refuse("non_finite", result)
        assert last["step"] == 3 and last["details"]["loss"] == "nan"
        return
    assert result.last["type"] == "done"
    assert result.of("warning")[0]["code"] == "non_finite.skipped"
    assert [step for step, values in result.losses.items() if values[0] is None] == [4]
    assert result.last["final_loss"] > 0


def test_steps_that_are_never_finite_end_a_run_that_skips(
    settings: Any, run_here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = trainer_loop.Loop.compute_loss
    monkeypatch.setattr(trainer_loop.Loop, "compute_loss", lambda self, *a, **k: original(self, *a, **k) * float("inf"))
    refuse("non_finite", run_here(settings(max_steps=60, limits={"non_finite": "skip"})))


def test_codes_of_exceptions() -> None:
    assert classify(OSError(errno.EDQUOT, "quota")).code == "disk.full"
    assert classify(ImportError("no module")).code == "env.import"
    assert classify(KeyError("x")).exit_code == 70
