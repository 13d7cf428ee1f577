import json
from pathlib import Path
from typing import Any

import pytest

from deltascope_trainer.canonical import canonical, config_sha, text_sha256
from deltascope_trainer.config import parse_config
from deltascope_trainer.errors import RunError

SAMPLES = Path(__file__).parent.parent / "samples"
CONFIGS = json.loads((SAMPLES / "configs.json").read_text("utf-8"))


def refused_fields(text: str) -> list[str]:
    with pytest.raises(RunError) as caught:
        parse_config(text)
    assert caught.value.code == "config.invalid"
    assert caught.value.exit_code == 11
    return [item["field"] for item in caught.value.details["fields"]]


@pytest.mark.parametrize("sample", CONFIGS["valid"], ids=lambda sample: sample["name"])
def test_accepted_as_by_the_app(sample: dict[str, Any]) -> None:
    config = parse_config(json.dumps(sample["document"]))
    again = parse_config(json.dumps(config.document()))
    assert again.document() == config.document()


@pytest.mark.parametrize("sample", CONFIGS["invalid"], ids=lambda sample: sample["name"])
def test_refused_as_by_the_app(sample: dict[str, Any]) -> None:
    assert sample["field"] in refused_fields(json.dumps(sample["document"]))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"run_id": NaN}', "[" * 100000])
def test_what_is_no_configuration(text: str) -> None:
    refused_fields(text)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"epochs": None}, "epochs"),
        ({"seed": 2**32}, "seed"),
        ({"data": {"noise": 0.1}}, "data.labels"),
        ({"data": {"labels": ["Yes", "Yes"]}}, "data.labels"),
        ({"method": "pissa", "lora": {"init": "olora"}}, "lora.init"),
        ({"method": "dora", "lora": {"init": "pissa"}}, "lora.init"),
        ({"lora": {"init": "orthogonal", "rank": 3}}, "lora.rank"),
        ({"method": "full", "save": {"export": "adapter"}}, "save.export"),
        ({"method": "lora", "save": {"export": "full"}}, "save.export"),
        ({"method": "qlora", "save": {"export": "merged"}}, "save.export"),
    ],
)
def test_rules_across_fields(changes: dict[str, Any], field: str) -> None:
    document = json.loads(json.dumps(CONFIGS["valid"][0]["document"]))
    document["data"] |= changes.pop("data", {})
    assert refused_fields(json.dumps({**document, **changes})) == [field]


def test_numbers_and_keys_are_written_as_javascript_writes_them() -> None:
    sample = json.loads((SAMPLES / "canonical.json").read_text("utf-8"))
    assert text_sha256(canonical(sample["values"])) == sample["sha256"]


def test_identity_leaves_out_names_and_limits_only() -> None:
    document = parse_config(json.dumps(CONFIGS["valid"][1]["document"])).document()
    same = {**document, "run_id": "x", "name": "y", "tags": [], "log": {"every": 2}, "limits": {}}
    same |= {"save": {**document["save"], "keep": 9}, "sharding": "full"}
    assert config_sha(same) == config_sha(document)
    for field in ("seed", "learning_rate", "threads", "device"):
        assert config_sha({**document, field: 5}) != config_sha(document)
    assert config_sha({**document, "save": {**document["save"], "every": 3}}) != config_sha(document)
