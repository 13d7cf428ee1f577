"""Token ids with labels: -100 where nothing is learned. Prompt and answer are tokenized apart and joined as ids."""

import dataclasses
from typing import Any

from ..config import Data
from .rows import BadRow, Row
from .template import conversation, prompt_and_answer

NOT_LEARNED = -100


@dataclasses.dataclass
class Encoded:
    """One sequence. `labels[0]` is never learned: nothing stands before it."""

    ids: list[int]
    labels: list[int]
    cut: bool = False
    joint_differs: bool = False

    @property
    def learned(self) -> int:
        return sum(label != NOT_LEARNED for label in self.labels)


def encode_row(row: Row, tokenizer: Any, data: Data) -> Encoded | None:
    """The row as ids and labels, at most `data.cutoff` long; `None` when it does not fit and is dropped.

    Raises BadRow for a conversation that cannot be masked and for a row that is too long where that is an error.
    """
    turns = conversation(row, data.template)
    full = _chat(turns, tokenizer) if turns is not None else _joined(row, tokenizer, data)
    answer_start = next((i for i, label in enumerate(full.labels) if label != NOT_LEARNED), len(full.ids))
    if data.loss_on == "all":
        full.labels = list(full.ids)
    fitted = _fit(full, answer_start, data)
    if fitted is not None:
        fitted.labels[0] = NOT_LEARNED
    return fitted


def _joined(row: Row, tokenizer: Any, data: Data) -> Encoded:
    prompt, answer = prompt_and_answer(row, data.template)
    head = tokenizer(prompt).input_ids
    tail = [*tokenizer(answer, add_special_tokens=False).input_ids, tokenizer.eos_token_id]
    joint = tokenizer(prompt + answer).input_ids
    labels = [NOT_LEARNED] * len(head) + tail
    return Encoded(head + tail, labels, joint_differs=joint != head + tail[:-1])


def _fit(full: Encoded, answer_start: int, data: Data) -> Encoded | None:
    """Cuts the prompt from the left; an answer is never cut."""
    surplus = len(full.ids) - data.cutoff
    if surplus <= 0:
        return full
    if data.overlong == "error":
        raise BadRow(f"{len(full.ids)} tokens are more than the cutoff of {data.cutoff}")
    if data.overlong == "drop" or surplus > answer_start:
        return None
    return Encoded(full.ids[surplus:], full.labels[surplus:], cut=True, joint_differs=full.joint_differs)


def _chat(turns: list[dict[str, str]], tokenizer: Any) -> Encoded:
    """One sequence from the chat template; learned are the assistant's turns with their end-of-turn tokens."""
    ids = _render(tokenizer, turns)
    labels = [NOT_LEARNED] * len(ids)
    for place, turn in enumerate(turns):
        if turn["role"] != "assistant":
            continue
        before = _render(tokenizer, turns[:place], prompt=True) if place else []
        if ids[: len(before)] != before:
            raise BadRow(f"the chat template writes the turns before turn {place + 1} differently in the whole")
        start, end = len(before), _end_of_turn(tokenizer, turns, place, ids, len(before))
        labels[start:end] = ids[start:end]
    return Encoded(ids, labels)


def _end_of_turn(tokenizer: Any, turns: list[dict[str, str]], place: int, ids: list[int], start: int) -> int:
    """End of the turn in the whole sequence, up to and with its end-of-turn token.

    Some templates write the last turn differently from earlier ones (thinking blocks); then the first special token
    after the start ends the turn.
    """
    so_far = ids if place == len(turns) - 1 else _render(tokenizer, turns[: place + 1])
    special = set(tokenizer.all_special_ids)
    if ids[: len(so_far)] == so_far:
        last = max((i for i in range(start, len(so_far)) if ids[i] in special), default=len(so_far) - 1)
        return last + 1
    return next((i + 1 for i in range(start, len(ids)) if ids[i] in special), len(ids))


def _render(tokenizer: Any, turns: list[dict[str, str]], prompt: bool = False) -> list[int]:
    try:
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=prompt)
    except Exception as failure:  # a template is a program: it may raise anything
        raise BadRow(f"the chat template refuses it: {failure}") from None
    return tokenizer(text, add_special_tokens=False).input_ids
