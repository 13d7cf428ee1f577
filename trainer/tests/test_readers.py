import json
from pathlib import Path
from typing import Any

import pytest

from deltascope_trainer.config import Data, DataFile
from deltascope_trainer.data.prepare import split_strictly
from deltascope_trainer.data.readers import read_files
from deltascope_trainer.data.rows import Problems, Row
from deltascope_trainer.errors import RunError
from deltascope_trainer.evaluation import read_items


def read(path: Path, form: str, **more: Any) -> tuple[list[Row], list[tuple[int, str]]]:
    problems = Problems()
    rows = read_files([DataFile(path=str(path), format=form, **more)], problems)
    return rows, [(problem.line, problem.message) for problem in problems.found]


def write(path: Path, *records: Any) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records), "utf-8")
    return path


def test_alpaca_lines(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.jsonl",
        {"instruction": "i", "input": "x", "output": "o", "id": 7},
        "",
        {"instruction": "i", "output": ""},
        {"instruction": "i", "input": None, "output": "ö", "system": "s"},
    )
    rows, wrong = read(file, "alpaca")
    assert wrong == []
    assert [(row.line, row.key, row.answer) for row in rows] == [(1, "7", "o"), (3, "", ""), (4, "", "ö")]
    assert rows[1].fields == {"instruction": "i", "input": "", "output": ""}
    assert rows[2].fields["system"] == "s"


def test_alpaca_document(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps([{"instruction": "i", "output": "o"}, 5]))
    rows, wrong = read(file, "alpaca")
    assert [row.line for row in rows] == [1]
    assert wrong == [(2, "not an object")]


def test_both_spellings_of_conversations(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    other = [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]
    rows, wrong = read(write(tmp_path / "c.jsonl", {"messages": turns}, {"conversations": other}), "chat")
    assert wrong == []
    assert rows[0].fields == rows[1].fields == {"messages": turns}
    assert rows[0].answer == "a"


def test_choices(tmp_path: Path) -> None:
    rows, wrong = read(write(tmp_path / "t.jsonl", {"context": "c", "choices": ["x", "y"], "gold": 1}), "choice")
    assert wrong == [] and rows[0].answer == "y"


@pytest.mark.parametrize(
    ("form", "record", "message"),
    [
        ("alpaca", "{", "not JSON"),
        ("alpaca", {"instruction": "i"}, "'output' is missing"),
        ("alpaca", {"instruction": "i", "output": 5}, "'output' is not text"),
        ("pairs", {"prompt": "p"}, "'completion' is missing"),
        ("choice", {"context": "c", "choices": ["x"], "gold": 1}, "'gold' is not a place"),
        ("choice", {"context": "c", "choices": "x", "gold": 0}, "'choices' is not a list"),
        ("chat", {"messages": []}, "'messages' is missing or empty"),
        ("chat", {"messages": [{"role": "user", "content": "q"}]}, "no turn is by the assistant"),
        ("chat", {"messages": [{"role": "wizard", "content": "q"}]}, "turn 1 has the role 'wizard'"),
        ("chat", {"messages": [{"role": "user"}]}, "the content of turn 1 is not text"),
        ("chat", {"messages": [7]}, "turn 1 is not an object"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, form: str, record: Any, message: str) -> None:
    good = {"instruction": "i", "output": "o"} if form == "alpaca" else record
    _, wrong = read(write(tmp_path / "x.jsonl", good, record), form)
    assert wrong[-1][0] == 2 and message in wrong[-1][1]


def test_reading_stops_after_twenty_bad_rows(tmp_path: Path) -> None:
    _, wrong = read(write(tmp_path / "x.jsonl", *["{"] * 50), "alpaca")
    assert len(wrong) == 20


def test_tables(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('question,output,id\n"two\nlines, and comma",007,a\nq2,,b\n')
    rows, wrong = read(file, "csv", columns={"instruction": "question"})
    assert wrong == []
    assert [(row.line, row.key, row.fields["instruction"], row.answer) for row in rows] == [
        (2, "a", "two\nlines, and comma", "007"),
        (3, "b", "q2", ""),
    ]


def test_ragged_rows_and_missing_columns_of_tables(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    file.write_text("prompt\tcompletion\nx\ty\nlonely\nz\tw\n")
    rows, wrong = read(file, "tsv")
    assert [(row.line, row.answer) for row in rows] == [(2, "y"), (4, "w")]
    assert wrong == [(3, "1 cells instead of 2")]
    _, wrong = read(file, "tsv", columns={"prompt": "question"})
    assert (2, "the column 'question' is missing; there are 'prompt', 'completion'") in wrong


def test_parquet(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    parquet.write_table(pyarrow.table({"messages": [turns, None]}), tmp_path / "a.parquet")
    rows, wrong = read(tmp_path / "a.parquet", "parquet")
    assert rows[0].fields == {"messages": turns} and rows[0].line == 1
    assert wrong == [(2, "'messages' is missing or empty")]


@pytest.mark.parametrize(
    ("name", "form", "place"),
    [
        ("a.jsonl", "alpaca", "line 2"),
        ("a.json", "alpaca", "row 2"),
        ("a.csv", "csv", "row 3"),
        ("a.parquet", "parquet", "row 2"),
    ],
)
def test_places_and_the_way_out_where_fields_have_other_names(tmp_path: Path, name: str, form: str, place: str) -> None:
    import pyarrow
    from pyarrow import csv, parquet

    rows = [{"question": "two\nlines", "answer": "a"}, {"question": "q", "answer": "b"}]
    if form == "alpaca":
        listed = json.dumps(rows) if name.endswith(".json") else "\n".join(map(json.dumps, rows))
        (tmp_path / name).write_text(listed)
    else:
        write_table = csv.write_csv if form == "csv" else parquet.write_table
        write_table(pyarrow.Table.from_pylist(rows), tmp_path / name)
    data = Data.model_validate({"files": [{"path": str(tmp_path / name), "format": form}]})
    with pytest.raises(RunError) as raised:
        split_strictly(data)
    assert raised.value.message.startswith("2 rows that cannot be read. ") and "`columns`" in raised.value.message
    second = raised.value.details["rows"][1]
    assert f"{second['unit']} {second['line']}" == place
    assert "there are 'question', 'answer'" in second["message"]
    named = {"instruction": "question", "output": "answer"}
    split = split_strictly(data.model_copy(update={"files": [data.files[0].model_copy(update={"columns": named})]}))
    assert [row.answer for row in split.training] == ["a", "b"]


@pytest.mark.parametrize(("name", "form"), [("none.jsonl", "alpaca"), ("a.parquet", "parquet"), ("a.json", "alpaca")])
def test_files_that_cannot_be_read(tmp_path: Path, name: str, form: str) -> None:
    if not name.startswith("none"):
        (tmp_path / name).write_bytes(b"\xff\xfe garbage")
    with pytest.raises(RunError) as caught:
        read(tmp_path / name, form)
    assert caught.value.code == "data.read" and name in caught.value.message


def test_task_rows_end_at_line_feeds_only(tmp_path: Path) -> None:
    asked = "one\u2028two\x85three"
    rows = [json.dumps({"context": asked, "choices": ["Yes", "No"], "gold": 1}, ensure_ascii=False)] * 2
    path = tmp_path / "task.jsonl"
    path.write_text("\r\n".join(rows), "utf-8", newline="")
    assert [(number, item["context"]) for number, item in read_items(path)] == [(1, asked), (2, asked)]


@pytest.mark.parametrize("bad", ['{"context": "', "[" * 200_000])
def test_a_task_row_that_is_no_json_is_named(tmp_path: Path, bad: str) -> None:
    row = {"context": "one\u2028two", "choices": ["Yes", "No"], "gold": 1}
    with pytest.raises(RunError) as raised:
        read_items(write(tmp_path / "task.jsonl", json.dumps(row, ensure_ascii=False), row, bad))
    (found,) = raised.value.details["rows"]
    assert (found["line"], found["message"][:10]) == (3, "not JSON (")
