"""Data sets as they lie on the Hub: the same columns, nested as published, written by pyarrow."""

import json
from pathlib import Path
from typing import Any

import pytest

from deltascope_trainer.config import DataFile
from deltascope_trainer.data.readers import read_files
from deltascope_trainer.data.rows import Problems, Row

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

TEXT = pyarrow.string()
TEXTS = pyarrow.list_(TEXT)


def read(path: Path, form: str) -> tuple[list[Row], list[str]]:
    problems = Problems()
    rows = read_files([DataFile(path=str(path), format=form)], problems)
    return rows, [problem.message for problem in problems.found]


def table(path: Path, fields: dict[str, Any], *rows: dict[str, Any]) -> Path:
    parquet.write_table(pyarrow.Table.from_pylist(list(rows), pyarrow.schema(list(fields.items()))), path)
    return path


def test_boolq(tmp_path: Path) -> None:
    row = {"question": "is it so", "passage": "It is."}
    fields = {"question": TEXT, "answer": pyarrow.bool_(), "passage": TEXT}
    google = table(tmp_path / "train.parquet", fields, {**row, "answer": True}, {**row, "answer": None})
    rows, wrong = read(google, "boolq")
    assert [row.fields for row in rows] == [
        {
            "instruction": "Answer the following yes/no question based on the passage.",
            "input": "Passage: It is.\n\nQuestion: is it so",
            "output": "Yes",
        }
    ]
    assert wrong == ["neither 'answer' is true or false nor 'label' 0 or 1"]
    lines = tmp_path / "super_glue.jsonl"
    lines.write_text(json.dumps({**row, "label": 0, "idx": 3}) + "\n")
    assert [row.answer for row in read(lines, "boolq")[0]] == ["No"]


def test_commonsense_qa(tmp_path: Path) -> None:
    choices = {"label": list("ABCDE"), "text": ["one", "two", "three", "four", "five"]}
    row = {"id": "1", "question": "Which?", "question_concept": "c", "choices": choices}
    fields = {"id": TEXT, "question": TEXT, "question_concept": TEXT}
    fields |= {"choices": pyarrow.struct([("label", TEXTS), ("text", TEXTS)]), "answerKey": TEXT}
    # The published test split has empty answers.
    file = table(tmp_path / "train.parquet", fields, {**row, "answerKey": "C"}, {**row, "answerKey": ""})
    rows, wrong = read(file, "commonsense_qa")
    assert [row.fields for row in rows] == [
        {
            "instruction": "Answer the following multiple-choice question. "
            "Choose the correct option letter only (A, B, C, D, or E).",
            "input": "Question: Which?\n\nOptions:\nA. one\nB. two\nC. three\nD. four\nE. five",
            "output": "C",
        }
    ]
    assert rows[0].key == "1" and wrong == ["'answerKey' is '', none of the labels A, B, C, D, E"]
    first = {"stem": "Which?", "choices": [{"label": "A", "text": "one"}, {"label": "B", "text": "two"}]}
    lines = tmp_path / "train_rand_split.jsonl"
    lines.write_text(json.dumps({"answerKey": "B", "id": "1", "question": first}) + "\n")
    assert read(lines, "commonsense_qa")[0][0].fields["input"] == "Question: Which?\n\nOptions:\nA. one\nB. two"


def test_pubmedqa(tmp_path: Path) -> None:
    context = pyarrow.struct([("contexts", TEXTS), ("labels", TEXTS), ("meshes", TEXTS)])
    fields = {"pubid": pyarrow.int32(), "question": TEXT, "context": context}
    fields |= {"long_answer": TEXT, "final_decision": TEXT}
    held = {"contexts": ["One.", "Two."], "labels": ["BACKGROUND", "RESULTS"], "meshes": []}
    row = {"pubid": 1, "question": "Does it?", "context": held, "long_answer": "It does."}
    file = table(tmp_path / "x.parquet", fields, {**row, "final_decision": "maybe"}, {**row, "final_decision": "so"})
    rows, wrong = read(file, "pubmedqa")
    assert [(row.answer, row.fields["input"]) for row in rows] == [
        ("maybe", "Abstract: One.\nTwo.\n\nQuestion: Does it?")
    ]
    assert wrong == ["'final_decision' is 'so', none of yes, no and maybe"]
    lines = tmp_path / "bigbio.jsonl"
    lines.write_text(json.dumps({"QUESTION": "Does it?", "CONTEXTS": ["One."], "final_decision": "yes"}) + "\n")
    assert read(lines, "pubmedqa")[0][0].answer == "yes"


@pytest.mark.parametrize("form", ["boolq", "commonsense_qa", "pubmedqa"])
def test_rows_of_another_data_set_say_what_they_lack(tmp_path: Path, form: str) -> None:
    lines = tmp_path / "other.jsonl"
    lines.write_text(json.dumps({"instruction": "i", "output": "o"}) + "\n")
    rows, wrong = read(lines, form)
    assert rows == [] and len(wrong) == 1
