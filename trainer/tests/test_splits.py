import json
from pathlib import Path
from typing import Any

from deltascope_trainer.canonical import text_sha256
from deltascope_trainer.config import Data
from deltascope_trainer.data.rows import Row
from deltascope_trainer.data.splits import Split, give_keys, share_of, split_rows

SAMPLE = json.loads((Path(__file__).parent.parent / "samples" / "splits.json").read_text("utf-8"))


def make_rows(count: int, labels: list[str]) -> list[Row]:
    return [
        Row("x", i + 1, "pairs", {"prompt": f"p{i}", "completion": labels[i % len(labels)]}, key=f"row-{i}")
        for i in range(count)
    ]


def split(count: int = 200, **changes: Any) -> Split:
    labels = changes.get("labels", ["A", "B", "C"])
    data = Data.model_validate({"files": [{"path": "x", "format": "pairs"}], "labels": labels, **changes})
    return split_rows(make_rows(count, labels or ["A"]), data)


def flips(found: Split) -> dict[str, str]:
    return {flip["key"]: flip["to"] for flip in found.flips()}


def test_the_same_rows_as_on_the_other_side() -> None:
    for case, expected in zip(SAMPLE["cases"], SAMPLE["expected"], strict=True):
        found = split(**case, labels=SAMPLE["labels"])
        assert [row.key for row in found.validation] == expected["validation"]
        assert text_sha256("\n".join(row.key for row in found.training)) == expected["training"]
        assert len(found.training) == expected["count"]
        assert flips(found) == expected["flips"]


def test_subsets_nest() -> None:
    smaller = {row.key for row in split(subset=20).training}
    larger = {row.key for row in split(subset=80).training}
    assert len(smaller) == 20 and len(larger) == 80 and smaller < larger
    assert {row.key for row in split(subset=20, subset_seed=1).training} != smaller


def test_noise_nests_and_a_row_is_wrong_in_one_way() -> None:
    low, high = flips(split(noise=0.1)), flips(split(noise=0.4))
    assert len(low) == share_of(0.1, 190) and len(high) == share_of(0.4, 190)
    assert low.items() <= high.items()
    assert flips(split(noise=0.1, noise_seed=1)) != low


def test_every_flip_is_another_label_and_held_out_rows_are_never_flipped() -> None:
    found = split(noise=1)
    assert all(flip["from"] != flip["to"] and flip["to"] in "ABC" for flip in found.flips())
    assert len(found.flips()) == len(found.training)
    assert all(row.flipped_from is None for row in found.validation)


def test_answers_outside_the_labels_are_named() -> None:
    found = split(30, labels=None)
    assert found.problems == []
    data = Data.model_validate({"files": [{"path": "x", "format": "pairs"}], "labels": ["A", "D"]})
    problems = split_rows(make_rows(4, ["A", "B"]), data).problems
    assert sorted(problem.line for problem in problems) == [2, 4]


def test_a_validation_file_takes_the_place_of_the_share() -> None:
    rows = make_rows(20, ["A", "B"])
    for row in rows[:3]:
        row.validation = True
    data = Data.model_validate({"files": [{"path": "x", "format": "pairs"}], "validation": 0.5})
    found = split_rows(rows, data)
    assert [row.line for row in found.validation] == [1, 2, 3] and len(found.training) == 17


def test_keys_are_contents_and_repeated_rows_get_a_number() -> None:
    rows = [Row("x", 1, "pairs", {"prompt": "p", "completion": "c"}, key=key) for key in ("", "", "id", "id", "id")]
    give_keys(rows)
    content = text_sha256('{"completion":"c","prompt":"p"}')
    assert [row.key for row in rows] == [content, f"{content}#2", "id", "id#2", "id#3"]
    assert [row.repeated for row in rows] == [False, True, False, True, True]


def test_conversations_and_choices_are_flipped_too() -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "A"}]
    rows = [
        Row("x", 1, "chat", {"messages": turns}),
        Row("x", 2, "choice", {"context": "c", "choices": ["A", "B"], "gold": 0}),
        Row("x", 3, "choice", {"context": "d", "choices": ["A", "C"], "gold": 0}),
        Row("x", 4, "alpaca", {"instruction": "i", "input": "", "output": "A"}),
    ]
    data = Data.model_validate(
        {"files": [{"path": "x", "format": "chat"}], "labels": ["A", "B"], "noise": 1, "validation": 0}
    )
    found = split_rows(rows, data)
    assert [(row.line, row.answer) for row in found.training] == [(1, "B"), (2, "B"), (4, "B")]
    assert [problem.line for problem in found.problems] == [3]
