"""Rows as data sets are published on the Hub, in the Alpaca form of the recipes that are named after them."""

from collections.abc import Callable
from typing import Any

from .rows import BadRow

LARGEST_CHOICES = 26  # letters


def boolq(record: dict[str, Any]) -> dict[str, Any]:
    """google/boolq (`answer`, a truth value) and the boolq of super_glue (`label`, 0 or 1)."""
    answer = record["answer"] if "answer" in record else record.get("label")
    if answer not in (0, 1):  # True and False are these too
        raise BadRow("neither 'answer' is true or false nor 'label' 0 or 1")
    return {
        "instruction": "Answer the following yes/no question based on the passage.",
        "input": f"Passage: {_text(record, 'passage')}\n\nQuestion: {_text(record, 'question')}",
        "output": "Yes" if answer else "No",
    }


def commonsense_qa(record: dict[str, Any]) -> dict[str, Any]:
    """tau/commonsense_qa: `choices` is an object of two lists, or in the first publication a list within `question`."""
    nested = record.get("question")
    question, choices = (nested.get("stem"), nested.get("choices")) if isinstance(nested, dict) else (nested, None)
    labels, texts = _unzipped(record.get("choices") if choices is None else choices)
    if not isinstance(question, str):
        raise BadRow("'question' is missing or not text")
    answer = record.get("answerKey")
    if answer not in labels:
        raise BadRow(f"'answerKey' is {answer!r}, none of the labels {', '.join(labels)}")
    options = "\n".join(f"{label}. {text}" for label, text in zip(labels, texts, strict=True))
    return {
        "instruction": "Answer the following multiple-choice question. "
        "Choose the correct option letter only (A, B, C, D, or E).",
        "input": f"Question: {question}\n\nOptions:\n{options}",
        "output": answer,
    }


def pubmedqa(record: dict[str, Any]) -> dict[str, Any]:
    """qiaojin/PubMedQA (`context` holds `contexts`) and the copies whose columns are in capitals."""
    context = record.get("context")
    contexts = context.get("contexts") if isinstance(context, dict) else record.get("CONTEXTS")
    if not isinstance(contexts, list) or not contexts or not all(isinstance(text, str) for text in contexts):
        raise BadRow("the abstract, 'context' with 'contexts', is missing")
    question = _text(record, "question" if isinstance(context, dict) else "QUESTION")
    answer = record.get("final_decision")
    if answer not in ("yes", "no", "maybe"):
        raise BadRow(f"'final_decision' is {answer!r}, none of yes, no and maybe")
    return {
        "instruction": "Answer the following question with yes, no or maybe based on the abstract.",
        "input": "Abstract: " + "\n".join(contexts) + f"\n\nQuestion: {question}",
        "output": answer,
    }


PUBLISHED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "boolq": boolq,
    "commonsense_qa": commonsense_qa,
    "pubmedqa": pubmedqa,
}


def _unzipped(choices: Any) -> tuple[list[str], list[str]]:
    if isinstance(choices, dict):
        labels, texts = choices.get("label"), choices.get("text")
    elif isinstance(choices, list) and all(isinstance(choice, dict) for choice in choices):
        labels, texts = [choice.get("label") for choice in choices], [choice.get("text") for choice in choices]
    else:
        labels, texts = None, None
    good = isinstance(labels, list) and isinstance(texts, list) and 0 < len(labels) == len(texts) <= LARGEST_CHOICES
    if not good or not all(isinstance(value, str) for value in [*labels, *texts]):
        raise BadRow("'choices' is no object with the lists 'label' and 'text'")
    return labels, texts


def _text(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise BadRow(f"{name!r} is missing" if value is None else f"{name!r} is not text")
    return value
