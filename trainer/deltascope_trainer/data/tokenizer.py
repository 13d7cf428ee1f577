"""The base's tokenizer, and whether two readers of its file agree."""

from pathlib import Path
from typing import Any

from ..errors import RunError

SAMPLES = (
    "Yes",
    " no",
    "Question: Is 12 larger than 7?\n\n### Response:\n",
    "naïve — “quoted”, tab\there",
    "  two  spaces ",
)


def load_tokenizer(base: Path) -> Any:
    """Raises `model.tokenizer` when the folder holds none that can be used."""
    from transformers import AutoTokenizer

    if not any((base / name).is_file() for name in ("tokenizer.json", "vocab.json", "tokenizer.model")):
        raise RunError("model.tokenizer", f"{base} holds no tokenizer; copy tokenizer.json next to the weights")
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True, trust_remote_code=False)
    except Exception as failure:  # whatever a damaged file leads to
        raise RunError("model.tokenizer", f"The tokenizer of {base} cannot be read: {failure}") from None
    if tokenizer.eos_token_id is None:
        raise RunError("model.tokenizer", f"The tokenizer of {base} names no end token")
    return tokenizer


def readings_differ(base: Path, tokenizer: Any) -> list[str]:
    """Sample texts that tokenizer.json itself splits into other ids than the class transformers chose."""
    from tokenizers import Tokenizer

    file = base / "tokenizer.json"
    if not file.is_file():
        return []
    try:
        raw = Tokenizer.from_file(str(file))
    except Exception as failure:  # the Rust side raises plain Exception
        raise RunError("model.tokenizer", f"{file} is damaged: {failure}") from None
    return [text for text in SAMPLES if raw.encode(text).ids != tokenizer(text).input_ids]
