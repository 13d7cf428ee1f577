"""Everything between the configuration and the batches: rows read, split, flipped, and tokenized."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..canonical import text_sha256
from ..config import Data, RunConfig
from ..errors import RunError
from ..files import file_sha256
from .masking import Encoded, encode_row
from .readers import read_files
from .rows import MOST_PROBLEMS, BadRow, Problem, Problems, Row
from .splits import Split, split_rows


@dataclasses.dataclass
class Sequence:
    row: Row
    encoded: Encoded


@dataclasses.dataclass
class Prepared:
    """Training and validation sequences, and what was noticed on the way."""

    split: Split
    training: list[Sequence]
    validation: list[Sequence]
    dropped: list[Row]
    unusable: list[Problem]

    @property
    def boundary_rows(self) -> list[Row]:
        return [sequence.row for sequence in self.training if sequence.encoded.joint_differs]

    def tokens(self) -> int:
        return sum(len(sequence.encoded.ids) for sequence in self.training)


def read_rows(data: Data) -> tuple[list[Row], list[Problem]]:
    problems = Problems()
    return read_files(data.files, problems), problems.found


def prepare(split: Split, config: RunConfig, tokenizer: Any, check: Callable[[], None] = lambda: None) -> Prepared:
    """Tokenizes. `check` is called now and then and may raise."""
    needs_chat = any(row.kind == "chat" for row in split.training + split.validation)
    if (needs_chat or config.data.template == "chat") and not getattr(tokenizer, "chat_template", None):
        raise RunError("model.tokenizer", "The base's tokenizer has no chat template, which these rows need")
    prepared = Prepared(split, [], [], [], [])
    for source, target in (
        (prepared.split.training, prepared.training),
        (prepared.split.validation, prepared.validation),
    ):
        for place, row in enumerate(source):
            if place % 1000 == 0:
                check()
            _add(row, target, prepared, tokenizer, config.data)
    return prepared


def _add(row: Row, target: list[Sequence], prepared: Prepared, tokenizer: Any, data: Data) -> None:
    try:
        encoded = encode_row(row, tokenizer, data)
    except BadRow as failure:
        prepared.unusable.append(Problem(row.file, row.line, str(failure)))
        return
    if encoded is None or encoded.learned == 0:
        prepared.dropped.append(row)
    else:
        target.append(Sequence(row, encoded))


def split_strictly(data: Data) -> Split:
    """As for a run: any bad row or wrong label is an error. Imports nothing heavy."""
    rows, problems = read_rows(data)
    _refuse("data.read", "that cannot be read", problems)
    split = split_rows(rows, data)
    _refuse("data.labels", "with an answer outside the label set", split.problems)
    return split


def prepare_strictly(
    split: Split, config: RunConfig, tokenizer: Any, check: Callable[[], None] = lambda: None
) -> Prepared:
    """As for a run: a row that cannot be tokenized, or none that is left, is an error."""
    prepared = prepare(split, config, tokenizer, check)
    _refuse("data.read", "that cannot be tokenized", prepared.unusable)
    if not prepared.training:
        raise RunError("data.empty", "No training row is left after validation, subset and cutoff")
    return prepared


def _refuse(code: str, what: str, problems: list[Problem]) -> None:
    if not problems:
        return
    more = len(problems) > MOST_PROBLEMS
    details = {"rows": [problem.document() for problem in problems[:MOST_PROBLEMS]], "more": more}
    count = f"{len(problems)}{' or more' if len(problems) == MOST_PROBLEMS else ''}"
    message = f"{count} {'row' if len(problems) == 1 else 'rows'} {what}."
    raise RunError(code, message + (MAPPED if any(problem.missing for problem in problems) else ""), details)


MAPPED = " Fields under other names are told by `columns` of the file, such as columns: { output: answer }."


def files_sha256(data: Data) -> str:
    """One hash over the content of all data files, in their order."""
    return text_sha256("\n".join(file_sha256(Path(file.path)) for file in data.files))
