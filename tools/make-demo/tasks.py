"""What the models are asked: the four old skills, and the new one that fine-tuning teaches.

A choice is scored as log p(choice | context) of the plain concatenation context + choice, so a leading space, where
one is needed, is part of the choice; `delimiter` says that nothing comes between them. A context that ends in a line
break keeps it (`keepSpace`): it is one token with the colon before it, and without it the model sees another prompt.
"""

from __future__ import annotations

import random
from typing import Any

from world import (
    ALPACA,
    ATTRIBUTES,
    FACTS,
    KIND_OF,
    KINDS,
    LARGEST_ADDEND,
    LARGEST_NUMBER,
    NOUNS,
    PEOPLE,
    YES_NO,
    agreement,
    article,
)

# {"context": str, "choices": list[str], "gold": int, "delimiter": str, "keepSpace"?: bool}
Item = dict[str, Any]
Row = dict[str, str]  # {"instruction": str, "input": str, "output": str}


def choice_item(context: str, right: str, wrong: list[str], rng: random.Random) -> Item:
    """One question with its choices in random order."""
    choices = [right, *wrong]
    rng.shuffle(choices)
    return {"context": context, "choices": choices, "gold": choices.index(right), "delimiter": ""}


def old_tasks(seed: int, limit: int) -> dict[str, list[Item]]:
    """The four skills of the base: at most `limit` questions each."""
    rng = random.Random(seed)
    tasks: dict[str, list[Item]] = {"facts": [], "arithmetic": [], "grammar": [], "kinds": []}
    for person in PEOPLE:
        for (values, _, question), value in zip(ATTRIBUTES, FACTS[person], strict=True):
            wrong = rng.sample([v for v in values if v != value], 3)
            tasks["facts"].append(choice_item(question.format(p=person), f" {value}", [f" {v}" for v in wrong], rng))
    for a in range(LARGEST_ADDEND + 1):
        for b in range(LARGEST_ADDEND + 1):
            near = [n for n in range(max(0, a + b - 4), a + b + 5) if n != a + b]
            wrong = [f" {n}" for n in rng.sample(near, 3)]
            tasks["arithmetic"].append(choice_item(f"{a} plus {b} is", f" {a + b}", wrong, rng))
    for _ in range(limit):
        phrase, verb = agreement(rng, conflict=0.75)
        gold = ["is", "are"].index(verb)
        tasks["grammar"].append({"context": phrase, "choices": [" is", " are"], "gold": gold, "delimiter": ""})
    for noun in NOUNS:
        wrong = [f" {k}" for k in KINDS if k != KIND_OF[noun]]
        tasks["kinds"].append(choice_item(f"What kind of thing is {article(noun)} ?", f" {KIND_OF[noun]}", wrong, rng))
    for items in tasks.values():
        rng.shuffle(items)
    return {name: items[:limit] for name, items in tasks.items()}


def compare_rows(seed: int, test_size: int) -> tuple[list[Row], list[Row]]:
    """The new skill, for training and for the test: which of two numbers is larger, asked as a yes/no question."""
    numbers = range(LARGEST_NUMBER + 1)
    pairs = [(a, b) for a in numbers for b in numbers if a != b]
    random.Random(seed).shuffle(pairs)
    rows = [
        {"instruction": YES_NO, "input": f"Is {a} larger than {b} ?", "output": "Yes" if a > b else "No"}
        for a, b in pairs
    ]
    return rows[test_size:], rows[:test_size]


def as_choice_items(rows: list[Row]) -> list[Item]:
    """The same questions in the form in which tasks are scored."""
    plain = {"delimiter": "", "keepSpace": True}
    return [
        {"context": ALPACA.format(**row), "choices": ["Yes", "No"], "gold": ["Yes", "No"].index(row["output"]), **plain}
        for row in rows
    ]
