"""What the fields of a row have to be, per kind of row."""

import json
from typing import Any

from .published import PUBLISHED
from .rows import BadRow, MissingField, names_in

ROLES = {"human": "user", "gpt": "assistant", "user": "user", "assistant": "assistant", "system": "system"}
LARGEST_CHOICES = 1000


def shape_row(form: str, record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Kind and fields of a record. `form` is the format of the file; tables name the kind by their columns."""
    if form in PUBLISHED:
        return "alpaca", PUBLISHED[form](record)
    kind = form if form in SHAPES else table_kind(record)
    return kind, SHAPES[kind](record)


def table_kind(record: dict[str, Any]) -> str:
    """The kind whose fields a table's columns hold."""
    for kind, needed in (
        ("chat", ("messages",)),
        ("chat", ("conversations",)),
        ("choice", ("context", "choices", "gold")),
        ("alpaca", ("instruction", "output")),
        ("pairs", ("prompt", "completion")),
    ):
        if all(name in record for name in needed):
            return kind
    raise MissingField(
        "columns are needed for instruction and output, prompt and completion, context, choices and gold, or messages"
        f"; there are {names_in(record)}"
    )


def _text(record: dict[str, Any], name: str, default: str | None = None) -> str:
    value = record.get(name, default)
    if value is None and default is not None:
        return default
    if value is None and name not in record:
        raise MissingField(f"{name!r} is missing; there are {names_in(record)}")
    if not isinstance(value, str):
        raise BadRow(f"{name!r} is empty" if value is None else f"{name!r} is not text")
    return value


def _alpaca(record: dict[str, Any]) -> dict[str, Any]:
    fields = {"instruction": _text(record, "instruction"), "input": _text(record, "input", "")}
    fields["output"] = _text(record, "output")
    system = _text(record, "system", "")
    return {**fields, "system": system} if system else fields


def _pairs(record: dict[str, Any]) -> dict[str, Any]:
    return {"prompt": _text(record, "prompt"), "completion": _text(record, "completion")}


def _choice(record: dict[str, Any]) -> dict[str, Any]:
    choices = _decoded(record.get("choices"))
    good = isinstance(choices, list) and 0 < len(choices) <= LARGEST_CHOICES
    if not good or not all(isinstance(choice, str) for choice in choices):
        raise BadRow("'choices' is not a list of texts")
    gold = _decoded(record.get("gold"))
    gold = gold[0] if isinstance(gold, list) and gold else gold
    if isinstance(gold, bool) or not isinstance(gold, int) or not 0 <= gold < len(choices):
        raise BadRow(f"'gold' is not a place in its {len(choices)} choices")
    fields = {"context": _text(record, "description", "") + _text(record, "context"), "choices": choices, "gold": gold}
    return {**fields, "delimiter": _text(record, "delimiter", " "), "keepSpace": record.get("keepSpace") is True}


def _chat(record: dict[str, Any]) -> dict[str, Any]:
    turns = _decoded(record.get("messages", record.get("conversations")))
    if not isinstance(turns, list) or not turns:
        raise BadRow("'messages' is missing or empty")
    messages = [_turn(turn, place) for place, turn in enumerate(turns, 1)]
    if all(turn["role"] != "assistant" for turn in messages):
        raise BadRow("no turn is by the assistant, so nothing would be learned")
    return {"messages": messages}


def _turn(turn: Any, place: int) -> dict[str, str]:
    if not isinstance(turn, dict):
        raise BadRow(f"turn {place} is not an object")
    role, content = turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))
    if not isinstance(role, str) or role not in ROLES:
        raise BadRow(f"turn {place} has the role {role!r}; user, assistant and system are known")
    if not isinstance(content, str):
        raise BadRow(f"the content of turn {place} is not text")
    return {"role": ROLES[role], "content": content}


def _decoded(value: Any) -> Any:
    """Tables hold lists and numbers as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


SHAPES = {"alpaca": _alpaca, "pairs": _pairs, "choice": _choice, "chat": _chat}
