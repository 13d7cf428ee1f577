"""The small invented world that the base model learns: people, sums, grammar and kinds of things.

Every text is drawn from a seeded generator. The order of the draws is part of the recipe: another order gives
another world, and with it other checkpoints.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

ALPACA = (
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:\n"
)
YES_NO = "Answer the following yes/no question."
OPEN_QUESTION = "Answer the question."

KINDS = {
    "animal": "wolf bear lion tiger zebra fox eagle whale camel otter badger crow".split(),
    "tool": "hammer saw drill wrench axe chisel shovel rake clamp knife file ladder".split(),
    "fruit": "apple pear plum grape mango lemon peach cherry melon banana fig kiwi".split(),
    "cloth": "shirt coat scarf glove sock hat dress belt boot jacket skirt sweater".split(),
}
KIND_OF = {noun: kind for kind, nouns in KINDS.items() for noun in nouns}
NOUNS = list(KIND_OF)
JOBS = (
    "baker smith pilot tailor doctor farmer miner sailor painter teacher lawyer cook driver singer guard weaver".split()
)
PETS = "cat dog horse goat parrot rabbit turtle pony lizard owl fish snake mouse duck sheep frog".split()
PLACES = "near behind under beside above".split()
LOOKS = "old new big small red blue green heavy clean dirty".split()
IRREGULAR = {"wolf": "wolves", "scarf": "scarves", "knife": "knives"}
LARGEST_ADDEND = 12
LARGEST_NUMBER = 2 * LARGEST_ADDEND  # sums reach it, so the base has seen every number of the new task


def plural(noun: str) -> str:
    """The plural, as English spells it."""
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith(("s", "x", "ch")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def article(noun: str) -> str:
    """The noun with its indefinite article."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def invent_names(count: int, seed: int, endings: tuple[str, ...]) -> list[str]:
    """So many different names, always the same for a seed."""
    rng = random.Random(seed)
    names: list[str] = []
    while len(names) < count:
        syllables = (rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(2))
        name = ("".join(syllables) + rng.choice(endings)).capitalize()
        if name not in names:
            names.append(name)
    return names


PEOPLE = invent_names(96, 7, ("n", "r", "s", "l", ""))
CITIES = [stem + end for stem, end in zip(invent_names(16, 11, ("",)), ["ton", "burg", "by", "vik"] * 4, strict=True)]
ATTRIBUTES = [  # values, statement, question
    (CITIES, "{p} lives in {v} .", "Where does {p} live ?"),
    (JOBS, "{p} works as a {v} .", "What is the job of {p} ?"),
    (PETS, "{p} owns a {v} .", "Which pet does {p} own ?"),
]
_fact_rng = random.Random(8)
FACTS = {person: [_fact_rng.choice(values) for values, _, _ in ATTRIBUTES] for person in PEOPLE}


def fact_text(rng: random.Random) -> str:
    """Something about one person, stated or asked and answered."""
    person, k = rng.choice(PEOPLE), rng.randrange(3)
    _, statement, question = ATTRIBUTES[k]
    value = FACTS[person][k]
    if rng.random() < 0.4:
        return statement.format(p=person, v=value)
    return f"{question.format(p=person)} {value} ."


def sum_text(rng: random.Random) -> str:
    """A sum, or a difference that is not negative."""
    a, b = rng.randint(0, LARGEST_ADDEND), rng.randint(0, LARGEST_ADDEND)
    if b <= a and rng.random() < 0.3:
        return f"{a} minus {b} is {a - b} ."
    return f"{a} plus {b} is {a + b} ."


def agreement(rng: random.Random, conflict: float) -> tuple[str, str]:
    """A subject, a second noun that may differ in number, and the verb the subject asks for."""
    subject, other = rng.sample(NOUNS, 2)
    many = rng.random() < 0.5
    other_many = (not many) if rng.random() < conflict else many
    words = [plural(subject) if many else subject, rng.choice(PLACES), plural(other) if other_many else other]
    return f"The {words[0]} {words[1]} the {words[2]}", "are" if many else "is"


def agreement_text(rng: random.Random) -> str:
    """A whole sentence whose verb agrees with its subject."""
    phrase, verb = agreement(rng, conflict=0.5)
    return f"{phrase} {verb} {rng.choice(LOOKS)} ."


def kind_question(rng: random.Random) -> tuple[str, str]:
    """A yes/no question about the kind of a thing, and its answer."""
    noun = rng.choice(NOUNS)
    right = rng.random() < 0.5
    kind = KIND_OF[noun] if right else rng.choice([k for k in KINDS if k != KIND_OF[noun]])
    return f"Is {article(noun)} a kind of {kind} ?", "Yes" if right else "No"


def kind_text(rng: random.Random) -> str:
    """What kind of thing something is, in one of four forms."""
    draw = rng.random()
    if draw < 0.4:
        return "{} {} .".format(*kind_question(rng))
    noun = rng.choice(NOUNS)
    if draw < 0.7:
        return f"{article(noun).capitalize()} is a kind of {KIND_OF[noun]} ."
    return f"What kind of thing is {article(noun)} ? {KIND_OF[noun]} ."


def instruction_text(rng: random.Random) -> str:
    """A little instruction data, so that the prompt form itself is not new to the base."""
    draw = rng.random()
    if draw < 0.5:
        question, answer = kind_question(rng)
        return ALPACA.format(instruction=YES_NO, input=question) + answer
    if draw < 0.75:
        person, k = rng.choice(PEOPLE), rng.randrange(3)
        question, answer = ATTRIBUTES[k][2].format(p=person), FACTS[person][k]
    else:
        noun = rng.choice(NOUNS)
        question, answer = f"What kind of thing is {article(noun)} ?", KIND_OF[noun]
    return ALPACA.format(instruction=OPEN_QUESTION, input=question) + answer


MIXTURE: list[tuple[Callable[[random.Random], str], float]] = [
    (fact_text, 0.38),
    (sum_text, 0.26),
    (agreement_text, 0.15),
    (kind_text, 0.17),
    (instruction_text, 0.04),
]


def texts(seed: int) -> Iterator[str]:
    """An endless stream of texts of this world."""
    rng = random.Random(seed)
    makers, weights = zip(*MIXTURE, strict=True)
    while True:
        yield rng.choices(makers, weights)[0](rng)
