import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from deltascope_trainer.protocol import LONGEST_LINE, Heartbeat, Lines

GOLDEN = (Path(__file__).parent.parent / "samples" / "events.jsonl").read_text("utf-8").splitlines()
NAN = float("nan")


@pytest.fixture
def sent(tmp_path: Path) -> Any:
    """Lines that go to a file, and what is in it."""
    descriptor = os.open(tmp_path / "sent", os.O_RDWR | os.O_CREAT)
    lines = Lines(descriptor, clock=lambda: 1700000000.5)
    yield lines, lambda: (tmp_path / "sent").read_text().splitlines()
    os.close(descriptor)


def test_golden_lines(sent: Any) -> None:
    """Each sample line is what these calls write, byte for byte; the last three end a run each."""
    lines, read = sent
    for text in GOLDEN:
        line = json.loads(text)
        fields = {name: value for name, value in line.items() if name not in ("v", "seq", "t", "type")}
        if line["type"] == "progress" and line["loss"] is None:
            fields |= {"loss": NAN, "grad_norm": float("inf")}
        if line.get("code") != "value.not_finite" and line["seq"] < 12:
            lines.send(line["type"], **fields)
    assert read() == GOLDEN[:11]
    lines.last("error", **{name: json.loads(GOLDEN[11])[name] for name in list(json.loads(GOLDEN[11]))[4:]})
    assert read()[-1] == GOLDEN[11]


def test_nothing_follows_the_last_line(sent: Any) -> None:
    lines, read = sent
    lines.last("cancelled", step=1, checkpoint=None)
    lines.send("heartbeat", phase="train")
    lines.last("done", step=1)
    assert [json.loads(line)["type"] for line in read()] == ["cancelled"]


def test_a_number_that_is_not_finite_is_warned_about_once(sent: Any) -> None:
    lines, read = sent
    for _ in range(3):
        lines.send("progress", step=1, loss=NAN, gpu={"used": float("-inf")})
    found = [json.loads(line, parse_constant=lambda name: pytest.fail(name)) for line in read()]
    assert [line["type"] for line in found] == ["progress", "warning", "progress", "progress"]
    assert found[0]["loss"] is None and found[0]["gpu"] == {"used": None}
    assert found[1]["details"] == {"fields": ["loss", "gpu.used"]}


def test_lines_stay_below_64_kib(sent: Any) -> None:
    lines, read = sent
    lines.send("plan", config={"labels": ["x" * 100] * 1000}, rows=3)
    lines.send("error", code="internal", message="m" * 10**6, details=["d"] * 10**5)
    for line in read():
        assert len(line) + 1 <= LONGEST_LINE
    assert json.loads(read()[0])["rows"] == 3
    assert json.loads(read()[1])["message"].startswith("mmm")


def test_numbers_have_no_gaps_with_many_threads(sent: Any) -> None:
    lines, read = sent
    threads = [
        threading.Thread(target=lambda: [lines.send("heartbeat", phase="x") for _ in range(200)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [json.loads(line)["seq"] for line in read()] == list(range(1, 1601))


def test_the_record_begins_with_early_lines_and_mends_half_a_line(sent: Any, tmp_path: Path) -> None:
    lines, read = sent
    record = tmp_path / "events.jsonl"
    record.write_text('{"seq":1}\n{"half')
    lines.send("hello", pid=1)
    lines.keep(record)
    lines.send("started", steps=2)
    assert record.read_text().splitlines() == ['{"seq":1}', '{"half', *read()]
    assert record.stat().st_mode & 0o777 == 0o644


def test_a_parent_that_is_gone_does_not_end_the_run(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    lines = Lines(writer)
    lines.keep(tmp_path / "events.jsonl")
    lines.send("started", steps=2)
    os.close(writer)
    assert "started" in (tmp_path / "events.jsonl").read_text()


def test_the_heart_beats_with_its_phase(sent: Any) -> None:
    lines, read = sent
    heartbeat = Heartbeat(lines, seconds=0.01)
    heartbeat.phase = "load"
    deadline = time.monotonic() + 5
    while len(read()) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    heartbeat.stop()
    count = len(read())
    time.sleep(0.05)
    assert count >= 3 and len(read()) == count
    assert json.loads(read()[-1])["phase"] == "load"
