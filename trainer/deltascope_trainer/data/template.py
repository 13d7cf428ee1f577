"""Prompt and answer as text. The end token is added to the ids later."""

from typing import Any

from .rows import Row

WITH_INPUT = (
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request.\n\n"
)
WITHOUT_INPUT = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
)


def alpaca_prompt(fields: dict[str, Any], preamble: bool = True) -> str:
    """The well-known form. A system text takes the place of the preamble."""
    usual = WITH_INPUT if fields["input"] else WITHOUT_INPUT
    system = fields.get("system")
    head = f"{system}\n\n" if system else usual if preamble else ""
    middle = f"### Input:\n{fields['input']}\n\n" if fields["input"] else ""
    return f"{head}### Instruction:\n{fields['instruction']}\n\n{middle}### Response:\n"


def plain_prompt(fields: dict[str, Any]) -> str:
    """No form at all: the given texts, one below the other."""
    return "\n".join(text for text in (fields.get("system"), fields["instruction"], fields["input"]) if text)


def as_messages(fields: dict[str, Any]) -> list[dict[str, str]]:
    """An instruction row as a conversation of one question."""
    question = fields["instruction"] + ("\n\n" + fields["input"] if fields["input"] else "")
    system = [{"role": "system", "content": fields["system"]}] if fields.get("system") else []
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": fields["output"]}]
    return [*system, *turns]


def conversation(row: Row, template: str) -> list[dict[str, str]] | None:
    """The turns of a row that goes through the tokenizer's chat template; `None` for all others."""
    if row.kind == "chat":
        return row.fields["messages"]
    return as_messages(row.fields) if row.kind == "alpaca" and template == "chat" else None


def prompt_and_answer(row: Row, template: str) -> tuple[str, str]:
    """The two texts of a row that is no conversation. Only alpaca rows know templates."""
    fields = row.fields
    if row.kind == "pairs":
        return fields["prompt"], fields["completion"]
    if row.kind == "choice":
        return _choice_texts(fields)
    if template == "none":
        return plain_prompt(fields), fields["output"]
    return alpaca_prompt(fields, preamble=template == "alpaca"), fields["output"]


def _choice_texts(fields: dict[str, Any]) -> tuple[str, str]:
    """As evaluation asks it: white space at the prompt's end belongs to the answer unless it is kept."""
    context, answer = fields["context"], fields["delimiter"] + fields["choices"][fields["gold"]]
    shown = context if fields["keepSpace"] else context.rstrip()
    return shown, context[len(shown) :] + answer
