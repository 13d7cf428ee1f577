import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deltascope_trainer.config import parse_config
from deltascope_trainer.data.checks import TIPS
from deltascope_trainer.data.preview import preview, token_texts
from deltascope_trainer.errors import RunError

from .conftest import PACKAGE


def show(document: dict[str, Any], examples: int = 50) -> dict[str, Any]:
    return preview(parse_config(json.dumps(document)), examples)


def test_rows_tokens_and_what_is_learned(settings: Any) -> None:
    found = show(settings(data={"validation": 0.25, "subset": 30}))
    assert (found["rows"], found["training"], found["validation"]) == (48, 30, 12)
    assert found["steps"] == 12
    assert sum(bar["rows"] for bar in found["histogram"]) == 30
    assert found["tokens"]["answers"] == 2 and found["tokens"]["median"] <= found["tokens"]["maximum"]
    assert found["checks"] == []
    for example in found["examples"]:
        text = "".join(token["text"] for token in example["tokens"])
        learned = "".join(token["text"] for token in example["tokens"] if token["trained"])
        assert text.startswith("Below is an instruction") and learned in ("Yes<|endoftext|>", "No<|endoftext|>")


def test_labels_and_flips(settings: Any) -> None:
    found = show(settings(data={"labels": ["Yes", "No"], "noise": 0.5}))
    assert sum(label["rows"] for label in found["labels"]) == 48
    assert sum(label["flipped"] for label in found["labels"]) == 24
    flipped = [example for example in found["examples"] if example["flippedFrom"] is not None]
    assert len(flipped) == 24
    for example in flipped:
        learned = "".join(token["text"] for token in example["tokens"] if token["trained"])
        assert not learned.startswith(example["flippedFrom"])


def test_checks_name_their_lines(settings: Any, tmp_path: Path) -> None:
    question = {"instruction": "Answer.", "input": "Is 1 larger than 2 ?"}
    rows = [
        {**question, "output": "No"},
        "{",
        {**question, "output": "Maybe"},
        {"instruction": "x", "output": " "},
        {"instruction": "long " * 100, "output": "Yes"},
        {"instruction": "x", "output": "Yes " * 100},
        {**question, "output": "No"},
    ]
    file, task = tmp_path / "bad.jsonl", tmp_path / "task.jsonl"
    file.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    asked = "### Instruction:\nAnswer.\n\n### Input:\nIs 1 larger than 2 ?\n\n### Response:\n"
    task.write_text(json.dumps({"context": asked, "choices": ["Yes", "No"], "gold": 1}) + "\n")
    files = [{"path": str(file), "format": "alpaca"}]
    document = settings(
        data={"files": files, "template": "alpaca_short", "labels": ["Yes", "No", " ", "Yes " * 100], "cutoff": 64},
        eval={"tasks": [str(task)]},
    )
    found = {check["code"]: check for check in show(document)["checks"]}
    lines = {code: check["lines"] for code, check in found.items()}
    assert lines["data.unreadable"] == [2]
    assert lines["data.label-unknown"] == [3]
    assert lines["data.empty-answer"] == [4]
    assert lines["data.overlong"] == [5]
    assert lines["data.dropped"] == [6]
    assert lines["data.leakage"] == [1, 3, 7]
    assert lines["data.duplicates"] == [7]
    assert ": 1 row left out," in found["data.dropped"]["message"]
    assert ": 3 training rows with what" in found["data.leakage"]["message"]
    assert found["data.unreadable"]["severity"] == "error" and found["data.unreadable"]["where"] == str(file)


def test_nothing_that_can_be_used(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{\n")
    with pytest.raises(RunError) as caught:
        show(settings(data={"files": [{"path": str(tmp_path / "a.jsonl"), "format": "alpaca"}]}))
    assert caught.value.code == "data.read" and caught.value.details["rows"][0]["line"] == 1


def test_characters_split_over_tokens(tokenizer: Any) -> None:
    text = "naïve 你好 😀"
    ids = tokenizer(text).input_ids
    pieces = token_texts(ids, tokenizer)
    assert len(pieces) == len(ids) and "".join(pieces) == text


def test_tips_are_those_of_the_app() -> None:
    written = " ".join((PACKAGE.parent / "src" / "contract" / "alerts.ts").read_text("utf-8").split())
    for code, tip in TIPS.items():
        assert f'"{code}": "{tip}"' in written


def test_the_command_prints_one_document(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(settings()))
    words = [sys.executable, "-m", "deltascope_trainer", "preview", str(tmp_path / "c.json"), "--examples", "1"]
    done = subprocess.run(words, cwd=PACKAGE, capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)["examples"]) == 1
    (tmp_path / "c.json").write_text("{}")
    done = subprocess.run(words, cwd=PACKAGE, capture_output=True, text=True, check=False)
    line = json.loads(done.stdout)
    assert (done.returncode, line["type"], line["code"]) == (11, "error", "config.invalid")
