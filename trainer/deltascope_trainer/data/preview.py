"""What a run would train on, as the document `dataPreview` of the contract; made by the code that trains."""

from collections import Counter
from pathlib import Path
from typing import Any

from ..config import RunConfig
from ..errors import RunError
from ..resolve import steps_of
from .checks import checks
from .masking import NOT_LEARNED
from .prepare import MAPPED, Prepared, Sequence, prepare, read_rows
from .splits import split_rows
from .tokenizer import load_tokenizer

MOST_LABELS = 30
MOST_TOKENS_SHOWN = 2000  # per row; the end, where the answer is, is kept
BINS = 24


def preview(config: RunConfig, examples: int) -> dict[str, Any]:
    """Rows that cannot be used are checks here, not errors; the base's tokenizer has to be readable."""
    tokenizer = load_tokenizer(Path(config.base.path))
    rows, unreadable = read_rows(config.data)
    if not rows:
        details = {"rows": [problem.document() for problem in unreadable], "more": False}
        message = f"No row can be used.{MAPPED if any(problem.missing for problem in unreadable) else ''}"
        raise RunError("data.read" if unreadable else "data.empty", message, details)
    prepared = prepare(split_rows(rows, config.data), config, tokenizer)
    lengths = sorted(len(sequence.encoded.ids) for sequence in prepared.training)
    learned = sorted(sequence.encoded.learned for sequence in prepared.training)
    return {
        "rows": len(rows),
        "training": len(prepared.training),
        "validation": len(prepared.validation),
        "steps": _steps(config, len(prepared.training)),
        "tokens": {
            "median": _quantile(lengths, 0.5),
            "p95": _quantile(lengths, 0.95),
            "maximum": lengths[-1] if lengths else 0,
            "answers": _quantile(learned, 0.5),
        },
        "histogram": _histogram(lengths),
        "cutShare": sum(s.encoded.cut for s in prepared.training) / max(1, len(lengths)),
        "labels": _labels(config, prepared),
        "examples": [_example(sequence, tokenizer) for sequence in prepared.training[:examples]],
        "checks": checks(config, prepared, unreadable),
    }


def _steps(config: RunConfig, rows: int) -> int | None:
    """Steps of one process; an automatic device batch divides the effective one, so it changes nothing but rounding."""
    batch = config.batch.device if isinstance(config.batch.device, int) else config.batch.effective
    if rows == 0 or config.batch.effective % batch:
        return None
    return steps_of(config, rows, batch, 1)[0]


def _quantile(ordered: list[int], share: float) -> int:
    """The smallest value that at least the share of all values does not exceed."""
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)] if ordered else 0


def _histogram(lengths: list[int]) -> list[dict[str, int]]:
    if not lengths:
        return []
    width = max(1, -(-lengths[-1] // BINS))
    counts = Counter(-(-length // width) * width for length in lengths)
    return [{"upTo": end, "rows": counts.get(end, 0)} for end in range(width, max(counts) + width, width)]


def _labels(config: RunConfig, prepared: Prepared) -> list[dict[str, Any]]:
    """Training rows by their true answer, and how many of them are flipped; only where answers repeat."""
    true = [row.flipped_from if row.flipped_from is not None else row.answer for row in prepared.split.training]
    flipped = Counter(row.flipped_from for row in prepared.split.training if row.flipped_from is not None)
    counts = Counter(true)
    if config.data.labels is not None:
        return [{"label": name, "rows": counts[name], "flipped": flipped[name]} for name in config.data.labels]
    if len(counts) > MOST_LABELS:
        return []
    return [{"label": name[:200], "rows": count, "flipped": 0} for name, count in counts.most_common()]


def _example(sequence: Sequence, tokenizer: Any) -> dict[str, Any]:
    row, encoded = sequence.row, sequence.encoded
    start = max(0, len(encoded.ids) - MOST_TOKENS_SHOWN)
    pieces = token_texts(encoded.ids[start:], tokenizer)
    trained = [label != NOT_LEARNED for label in encoded.labels[start:]]
    tokens = [
        {"text": text, "id": id, "trained": learned}
        for text, id, learned in zip(pieces, encoded.ids[start:], trained, strict=True)
    ]
    return {
        "key": row.key,
        "line": row.line,
        "tokens": tokens,
        "cut": encoded.cut,
        "flippedFrom": row.flipped_from,
    }


def token_texts(ids: list[int], tokenizer: Any) -> list[str]:
    """The text each token adds; bytes of one character that are split over tokens show at the last of them."""
    texts, waiting = [], []
    for id in ids:
        waiting.append(id)
        text = tokenizer.decode(waiting, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        if text.endswith("\ufffd") and len(waiting) < 8:
            texts.append("")
            continue
        texts.append(text)
        waiting = []
    return texts
