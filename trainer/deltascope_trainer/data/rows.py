"""One row of training data, whatever file it came from, and what was wrong with the rows that are none."""

import dataclasses
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


@dataclasses.dataclass(frozen=True)
class Problem:
    file: str
    line: int
    message: str

    def document(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


class TooManyProblems(Exception):
    """Twenty rows are enough to see what is wrong."""


class Problems:
    """Bad rows in the order found; reading stops after `MOST_PROBLEMS`."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, file: str, line: int, message: str) -> None:
        self.found.append(Problem(file, line, message[:300]))
        if len(self.found) >= MOST_PROBLEMS:
            raise TooManyProblems
