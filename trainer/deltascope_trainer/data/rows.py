"""One row of training data, whatever file it came from, and what was wrong with the rows that are none."""

import dataclasses
from pathlib import Path
from typing import Any

MOST_PROBLEMS = 20


@dataclasses.dataclass
class Row:
    """`kind` says which fields count: alpaca, pairs, choice or chat."""

    file: str
    line: int
    kind: str
    fields: dict[str, Any]
    validation: bool = False
    key: str = ""
    repeated: bool = False  # an earlier row has the same id or content
    flipped_from: str | None = None

    @property
    def answer(self) -> str:
        """The text that is learned: of a conversation, its last assistant turn."""
        if self.kind == "alpaca":
            return self.fields["output"]
        if self.kind == "pairs":
            return self.fields["completion"]
        if self.kind == "choice":
            return self.fields["choices"][self.fields["gold"]]
        return next(turn["content"] for turn in reversed(self.fields["messages"]) if turn["role"] == "assistant")

    def with_answer(self, answer: str) -> "Row":
        """The same row with a wrong answer in place of its own."""
        fields = dict(self.fields)
        if self.kind == "alpaca":
            fields["output"] = answer
        elif self.kind == "pairs":
            fields["completion"] = answer
        elif self.kind == "choice":
            fields["gold"] = _place_of(fields["choices"], answer, self)
        else:
            last = max(i for i, turn in enumerate(fields["messages"]) if turn["role"] == "assistant")
            fields["messages"] = [
                {**turn, "content": answer} if i == last else turn for i, turn in enumerate(fields["messages"])
            ]
        return dataclasses.replace(self, fields=fields, flipped_from=self.answer)


def _place_of(choices: list[str], answer: str, row: Row) -> int:
    if answer not in choices:
        raise BadRow(f"the label {answer!r} is none of its choices")
    return choices.index(answer)


class BadRow(Exception):
    """A row that cannot be used; the message says why."""


class MissingField(BadRow):
    """The row has no such field; perhaps one of its own has another name."""


def names_in(record: dict[str, Any]) -> str:
    """The fields that a row has in place of a missing one."""
    return ", ".join(map(repr, record))[:200] or "none"


def unit_of(file: str) -> str:
    """What the numbers of a file count: its lines, or the rows of a table or list (of a table with a header as 1)."""
    return "row" if Path(file).suffix.lower() in (".csv", ".tsv", ".tab", ".parquet", ".pq", ".json") else "line"


@dataclasses.dataclass(frozen=True)
class Problem:
    file: str
    line: int
    message: str
    missing: bool = False  # a field that a column of another name may hold

    @property
    def place(self) -> str:
        return f"{unit_of(self.file)} {self.line}"

    def document(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "unit": unit_of(self.file), "message": self.message}


class TooManyProblems(Exception):
    """Twenty rows are enough to see what is wrong."""


class Problems:
    """Bad rows in the order found; reading stops after `MOST_PROBLEMS`."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, file: str, line: int, message: str, missing: bool = False) -> None:
        self.found.append(Problem(file, line, message[:300], missing))
        if len(self.found) >= MOST_PROBLEMS:
            raise TooManyProblems
