"""What is noticed about training data before the start, in the form of the contract's alerts."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from ..config import RunConfig
from ..errors import RunError
from .prepare import Prepared
from .rows import Problem, Row, unit_of
from .template import conversation, prompt_and_answer

MOST_LINES = 100  # line numbers per alert
SHOWN_LINES = 5  # in a sentence

# The same tips stand in src/contract/alerts.ts; a test compares them.
TIPS = {
    "data.unreadable": "Mend the named rows, or leave them out; a run stops at them.",
    "data.label-unknown": "Correct these answers, or add them to `data.labels`.",
    "data.empty-answer": "The model would learn to answer nothing; leave these rows out.",
    "data.overlong": "Raise `data.cutoff` if the beginning of these prompts matters.",
    "data.dropped": "Raise `data.cutoff`, or shorten these rows.",
    "data.leakage": "Leave these rows out of training, or the evaluation measures memory.",
    "data.duplicates": "Repeated rows count as often as they stand in the file.",
    "data.boundary": "Prompt and answer are tokenized apart; a reader that joins them first sees other tokens.",
}


def checks(config: RunConfig, prepared: Prepared, unreadable: list[Problem]) -> list[dict[str, Any]]:
    """All alerts, one for each kind and file."""
    rows = prepared.split.training + prepared.split.validation
    cut = [sequence.row for sequence in prepared.training + prepared.validation if sequence.encoded.cut]
    repeated = [row for row in rows if row.repeated]
    return [
        *_problems("data.unreadable", [*unreadable, *prepared.unusable], "row(s) cannot be used"),
        *_problems("data.label-unknown", prepared.split.problems, "row(s) with an answer outside the label set"),
        *_rows("data.empty-answer", [row for row in rows if not row.answer.strip()], "row(s) with an empty answer"),
        *_rows("data.dropped", prepared.dropped, "row(s) left out, too long for the cutoff"),
        *_rows("data.overlong", cut, "prompt(s) lost the beginning to the cutoff", "info"),
        *_rows("data.leakage", _leaked(config, prepared), "training row(s) with what the evaluation asks"),
        *_rows("data.duplicates", repeated, "row(s) with the words of an earlier row", "info"),
        *_rows("data.boundary", prepared.boundary_rows, "row(s) with other tokens when tokenized as one text", "info"),
    ]


def _counted(number: int, what: str) -> str:
    """`_counted(1, "row(s) left out")` is "1 row left out"."""
    return f"{number} {what.replace('(s)', '' if number == 1 else 's')}"


def _problems(code: str, found: list[Problem], what: str) -> list[dict[str, Any]]:
    by_file: dict[str, list[Problem]] = defaultdict(list)
    for problem in found:
        by_file[problem.file].append(problem)
    return [
        _alert(code, "error", file, [p.line for p in some], f"{what}; {some[0].place}: {some[0].message}")
        for file, some in by_file.items()
    ]


def _rows(code: str, found: list[Row], what: str, level: str = "warning") -> list[dict[str, Any]]:
    by_file: dict[str, list[int]] = defaultdict(list)
    for row in found:
        by_file[row.file].append(row.line)
    return [_alert(code, level, file, lines, what) for file, lines in by_file.items()]


def _alert(code: str, level: str, file: str, lines: list[int], what: str) -> dict[str, Any]:
    message = f"{Path(file).name}: {_counted(len(lines), what)}."
    kept = sorted(lines)[:MOST_LINES]
    return {"severity": level, "code": code, "message": message, "tip": TIPS[code], "where": file, "lines": kept}


def places(check: dict[str, Any]) -> str:
    """ "(line 2)", "(rows 2, 7, 8, 9, 12 and 30 others)": where to look, in a sentence."""
    lines, unit = check["lines"], unit_of(check["where"])
    shown = ", ".join(map(str, lines[:SHOWN_LINES]))
    if len(lines) == 1:
        return f"({unit} {shown})"
    others = f" and {'more' if len(lines) == MOST_LINES else f'{len(lines) - SHOWN_LINES} others'}"
    return f"({unit}s {shown}{others if len(lines) > SHOWN_LINES else ''})"


def _leaked(config: RunConfig, prepared: Prepared) -> list[Row]:
    """Training rows whose prompt stands in the held-out rows or in an evaluation task."""
    template = config.data.template
    asked = {_plain(prompt_text(row, template)) for row in prepared.split.validation}
    for path in config.eval.tasks:
        asked |= _task_contexts(Path(path))
    return [row for row in prepared.split.training if _plain(prompt_text(row, template)) in asked]


def _task_contexts(path: Path) -> set[str]:
    from ..evaluation import read_items

    try:
        return {_plain(item["context"]) for _, item in read_items(path)}
    except RunError:
        return set()  # the run itself says what is wrong with it


def prompt_text(row: Row, template: str) -> str:
    """What is asked, without the answer."""
    turns = conversation(row, template)
    if turns is None:
        return prompt_and_answer(row, template)[0]
    return "\n".join(turn["content"] for turn in turns if turn["role"] != "assistant")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
