"""JSON with one spelling per value (RFC 8785), so that Python and TypeScript compute the same hashes."""

import hashlib
import json
import math
from decimal import Decimal
from typing import Any


def number_text(value: float) -> str:
    """A finite number as JavaScript writes it: the shortest digits, an exponent from 1e21 and below 1e-6."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        raise ValueError("only finite numbers have a JSON form")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if 0 < point <= 21:
        body = text + "0" * (point - len(text)) if point >= len(text) else f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        body = "0." + "0" * -point + text
    else:
        mantissa = text if len(text) == 1 else f"{text[0]}.{text[1:]}"
        body = f"{mantissa}e{point - 1:+d}"
    return ("-" if sign else "") + body


def canonical(value: Any) -> str:
    """The one spelling of a JSON value: sorted keys (by UTF-16 units), no spaces, JavaScript's numbers."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return number_text(float(value)) if isinstance(value, float) else str(value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{canonical(value[key])}" for key in keys) + "}"
    return "[" + ",".join(canonical(item) for item in value) + "]"


def text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# What may differ between a run and its continuation: names, and how it is shown, kept, limited and laid out.
NOT_IDENTITY = ("run_id", "name", "tags", "log", "limits", "sharding")


def config_sha(document: dict[str, Any]) -> str:
    """The identity of a resolved configuration, for resuming and for the cells of a sweep."""
    kept = {key: value for key, value in document.items() if key not in NOT_IDENTITY}
    kept["save"] = {key: value for key, value in document["save"].items() if key != "keep"}
    kept["batch"] = {"effective": document["batch"]["effective"]}  # its parts change only rounding
    return text_sha256(canonical(kept))
