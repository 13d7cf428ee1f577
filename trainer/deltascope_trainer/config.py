"""The run configuration: the same rules as `runConfig` in src/contract/domain/training.ts.

Both sides test the documents in samples/. Unknown keys are errors, nothing is converted from another type.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import RunError, field_error

LARGEST = 2**53 - 1  # larger whole numbers do not survive JSON in JavaScript
LARGEST_SEED = 2**32 - 1
Whole = Annotated[int, Field(ge=0, le=LARGEST)]
Count = Annotated[int, Field(ge=1, le=LARGEST)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Method = Literal["full", "lora", "rslora", "dora", "pissa", "olora", "qlora", "lora+"]
Format = Literal["alpaca", "chat", "pairs", "choice", "csv", "tsv", "parquet", "boolq", "commonsense_qa", "pubmedqa"]


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Base(Document):
    path: str
    sha256: str | None = None


class DataFile(Document):
    path: str
    format: Format
    split: Literal["train", "validation"] = "train"
    columns: dict[str, str] = Field(default_factory=dict)


class Data(Document):
    files: Annotated[list[DataFile], Field(min_length=1)]
    template: Literal["alpaca", "alpaca_short", "chat", "none"] = "alpaca"
    loss_on: Literal["answer", "all"] = "answer"
    cutoff: Annotated[int, Field(ge=8, le=LARGEST)] = 512
    overlong: Literal["cut_prompt_left", "drop", "error"] = "cut_prompt_left"
    validation: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    subset: Count | None = None
    subset_seed: Whole = 0
    noise: Share = 0.0
    noise_seed: Whole = 0
    labels: Annotated[list[str], Field(min_length=2)] | None = None


class Ratio(Document):
    ratio: Positive


class Lora(Document):
    rank: Count = 16
    alpha: Positive | Ratio = Ratio(ratio=2.0)
    dropout: Share = 0.0
    targets: Literal["all-linear"] | Annotated[list[str], Field(min_length=1)] = "all-linear"
    init: Literal["default", "pissa", "pissa_niter_4", "olora", "orthogonal"] = "default"
    plus_ratio: Positive | None = None


class Batch(Document):
    effective: Count = 32
    device: Count | Literal["auto"] = "auto"


class Save(Document):
    every: Count | None = 200
    keep: Count | Literal["all"] = 2
    export: Literal["adapter", "full", "merged"] | None = None
    dtype: Literal["fp32", "bf16"] | None = None


class Eval(Document):
    every: Count | None = None
    tasks: list[str] = Field(default_factory=list)


class Log(Document):
    every: Count = 1


class Limits(Document):
    minutes: Positive | None = None
    non_finite: Literal["stop", "skip"] = "stop"


class RunConfig(Document):
    """One fine-tune, schema 1. A given `max_steps` counts, else `epochs`."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    run_id: str
    name: str = ""
    tags: list[str] = Field(default_factory=list)
    base: Base
    data: Data
    method: Method = "lora"
    lora: Lora = Field(default_factory=Lora)
    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: Positive | None = None
    betas: tuple[Share, Share] = (0.9, 0.999)
    eps: Positive = 1e-8
    momentum: Share = 0.9
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup: Share = 0.03
    epochs: Positive | None = 3.0
    max_steps: Count | None = None
    batch: Batch = Field(default_factory=Batch)
    clip: Positive | None = 1.0
    precision: Literal["bf16", "fp16", "fp32"] | None = None
    attention: Literal["sdpa", "eager"] = "sdpa"
    activation_checkpointing: bool = True
    seed: Whole = 1
    save: Save = Field(default_factory=Save)
    eval: Eval = Field(default_factory=Eval)
    log: Log = Field(default_factory=Log)
    device: str = "auto"
    sharding: Literal["auto", "none", "full"] = "auto"
    threads: Count | None = None
    limits: Limits = Field(default_factory=Limits)

    @property
    def adapter(self) -> bool:
        """Whether the method trains an adapter beside a frozen base."""
        return self.method != "full"

    def document(self) -> dict[str, Any]:
        """The JSON form, with whole numbers written without a fraction as JavaScript does."""
        return whole_numbers(self.model_dump(mode="json", by_alias=True))


def whole_numbers(value: Any) -> Any:
    """JSON knows one kind of number: 3.0 is 3."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST:
        return int(value)
    if isinstance(value, dict):
        return {key: whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [whole_numbers(item) for item in value]
    return value


def parse_config(text: str) -> RunConfig:
    """Reads a configuration. Raises `config.invalid` with every wrong field."""
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as failure:
        raise RunError("config.invalid", f"The configuration is not JSON: {failure}", {"fields": []}) from None
    try:
        config = RunConfig.model_validate_json(json.dumps(whole_numbers(document)))
    except ValidationError as failure:
        fields = _fields(failure)
        shown = "; ".join(f"{item['field']}: {item['message']}" for item in fields[:5])
        raise RunError("config.invalid", shown, {"fields": fields[:50]}) from None
    check_together(config)
    return config


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _fields(failure: ValidationError) -> list[dict[str, str]]:
    """Dotted field and message; the branches of a union count as one field."""
    found: dict[str, str] = {}
    for item in failure.errors(include_url=False, include_input=False):
        parts = [str(part) for part in item["loc"] if not _names_a_branch(part)]
        found.setdefault(".".join(parts), item["msg"])
    return [{"field": field, "message": message} for field, message in found.items()]


def _names_a_branch(part: int | str) -> bool:
    return isinstance(part, str) and (part in {"int", "float", "str", "Ratio"} or "[" in part or "(" in part)


def check_together(config: RunConfig) -> None:
    """Rules that need more than one field."""
    if config.epochs is None and config.max_steps is None:
        raise field_error("epochs", "give either epochs or max_steps")
    if config.data.noise > 0 and config.data.labels is None:
        raise field_error("data.labels", "label noise needs the closed list of answers")
    if config.data.labels is not None and len(set(config.data.labels)) != len(config.data.labels):
        raise field_error("data.labels", "a label is listed twice")
    _check_method(config)
    if config.seed > LARGEST_SEED:
        raise field_error("seed", f"the largest seed that all libraries take is {LARGEST_SEED}")


def _check_method(config: RunConfig) -> None:
    wanted = {"pissa": ("default", "pissa", "pissa_niter_4"), "olora": ("default", "olora")}.get(config.method)
    if wanted is not None and config.lora.init not in wanted:
        raise field_error(
            "lora.init", f"method {config.method} starts from its own factors, not from {config.lora.init}"
        )
    if config.lora.init in ("pissa", "pissa_niter_4", "olora") and config.method in ("rslora", "dora", "qlora"):
        raise field_error("lora.init", f"{config.lora.init} does not go with method {config.method}")
    if config.lora.init == "orthogonal" and config.lora.rank % 2:
        raise field_error("lora.rank", "orthogonal factors need an even rank")
    if config.save.export is not None and (config.save.export == "full") == config.adapter:
        raise field_error("save.export", f"method {config.method} cannot be exported as {config.save.export}")
    if config.save.export == "merged" and config.method == "qlora":
        raise field_error("save.export", "a quantised base cannot take the adapter in; export the adapter")
