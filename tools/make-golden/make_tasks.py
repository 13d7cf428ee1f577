"""Writes what lm-evaluation-harness asks and answers: every ready-made task on invented rows, and files of items.

pip install torch transformers lm_eval==0.4.13
python tools/make-golden/make_tasks.py test/golden/scoring/models test/golden/tasks

For ready-made tasks: rows as JSON lines and Parquet, and for each request its texts, token ids and log-likelihood,
plain and in a chat template. For files of items (items/*.jsonl, kept as they are): log-likelihoods. Figures for both.
The data sets themselves are not needed: lm-evaluation-harness's own task files are fed with the rows.
"""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import datasets
import lm_eval
from lm_eval import evaluator, simple_evaluate
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from lm_eval.tasks._yaml_loader import load_yaml
from peft import PeftModel

from task_rows import ROWS

evaluator.add_env_info = lambda *_: None  # seconds for every call, about a machine that nobody asks for
TASKS = Path(lm_eval.__file__).parent / "tasks"
DEFINITIONS = {
    "boolq": "super_glue/boolq/default.yaml",
    "commonsense_qa": "commonsense_qa/default.yaml",
    "hellaswag": "hellaswag/hellaswag.yaml",
    "arc_easy": "arc/arc_easy.yaml",
    "arc_challenge": "arc/arc_challenge.yaml",
    "winogrande": "winogrande/default.yaml",
    "piqa": "piqa/piqa.yaml",
    "openbookqa": "openbookqa/openbookqa.yaml",
    "sciq": "sciq/sciq.yaml",
    "pubmedqa": "pubmedqa/pubmedqa.yaml",
    "wikitext": "wikitext/wikitext.yaml",
    "mmlu_anatomy": "mmlu/default/mmlu_anatomy.yaml",
    "mmlu_high_school_us_history": "mmlu/default/mmlu_high_school_us_history.yaml",
}
CHOICE_METRICS = [
    {"metric": m, "aggregation": "mean", "higher_is_better": True} for m in ("acc", "acc_norm", "acc_bytes")
]
TEXT_METRICS = ("word_perplexity", "byte_perplexity", "bits_per_byte")
MANAGER = TaskManager(include_defaults=False)  # without it, every call looks through thousands of task files
MODEL = "q2-tied-bf16"
# Model, largest length (None: the model's own), files of items.
ITEM_RUNS: list[tuple[str, int | None, list[str]]] = [
    (
        MODEL,
        None,
        ["boolq_like", "csqa_like", "long_context", "no_delimiter", "open_ended", "ppl_plain", "ppl_wiki"],
    ),
    (MODEL, 100, ["long_context", "ppl_plain"]),
    ("q3-untied-bf16", None, ["open_ended", "long_context", "ppl_plain"]),
    ("q2-yarn-window-bf16", None, ["open_ended", "long_context", "ppl_plain"]),
]
MADE_WITH = {name: version(name) for name in ("lm_eval", "transformers", "peft")}
ADAPTERS = ("q2-lora", "q2-rslora")
ADAPTED = ["open_ended", "ppl_plain"]


def defined_task(name: str, rows: list[dict[str, Any]]) -> ConfigurableTask:
    """lm-evaluation-harness's own task, fed with the rows; all accuracies are asked for."""
    config = load_yaml(TASKS / DEFINITIONS[name])
    for key in ("training_split", "validation_split", "test_split", "fewshot_split", "fewshot_config", "tag"):
        config.pop(key, None)
    if config["output_type"] == "multiple_choice":
        config["metric_list"] = CHOICE_METRICS
    data = datasets.DatasetDict({"test": datasets.Dataset.from_list(rows)})
    return ConfigurableTask(config={**config, "test_split": "test", "custom_dataset": lambda **_: data})


def item_task(name: str, items: list[dict[str, Any]]) -> ConfigurableTask:
    """A file of items as a task."""
    data = datasets.DatasetDict({"test": datasets.Dataset.from_list(items)})
    shared = {"task": name, "test_split": "test", "custom_dataset": lambda **_: data}
    if "text" in items[0]:
        metrics = [{"metric": metric} for metric in TEXT_METRICS]
        kind = {"output_type": "loglikelihood_rolling", "doc_to_text": "", "doc_to_target": lambda d: d["text"]}
        count = None
        if "words" in items[0]:
            count = lambda d, r: {  # noqa: E731
                m: (r[0], d["words" if m == "word_perplexity" else "bytes"]) for m in TEXT_METRICS
            }
        return ConfigurableTask(config={**shared, **kind, "metric_list": metrics, "process_results": count})
    return ConfigurableTask(
        config={
            **shared,
            "output_type": "multiple_choice",
            "doc_to_text": lambda d: d["context"],
            "doc_to_choice": lambda d: d["choices"],
            "doc_to_target": lambda d: d["gold"],
            "target_delimiter": items[0].get("delimiter", " "),
            "metric_list": CHOICE_METRICS,
        }
    )


class Recorder(HFLM):
    """Remembers the token ids of every request; None stands for the context of a window."""

    seen: dict[tuple[str, str], tuple[list[int], list[int]]]
    windows: list[tuple[list[int], list[int]]]

    def _loglikelihood_tokens(self, requests: Any, *args: Any, **kwargs: Any) -> Any:
        for texts, context, continuation in requests:
            if texts is None:
                self.windows.append((context, continuation))
            else:
                self.seen[texts] = (context, continuation)
        return super()._loglikelihood_tokens(requests, *args, **kwargs)


def load(models: Path, name: str, max_length: int | None) -> Recorder:
    return Recorder(
        pretrained=str(models / name),
        device="cpu",
        dtype="float32",
        batch_size=8,
        max_length=max_length,
        trust_remote_code=False,
    )


def evaluate(lm: Recorder, task: ConfigurableTask, name: str, with_tokens: bool, chat: bool) -> dict[str, Any]:
    lm.seen, lm.windows = {}, []
    # Standard errors of accuracies come from a formula, those of perplexities are drawn: they are left out.
    result = simple_evaluate(
        lm,
        tasks=[task],
        num_fewshot=0,
        log_samples=True,
        bootstrap_iters=2,
        apply_chat_template=chat,
        task_manager=MANAGER,
    )
    figures = {
        key.removesuffix(",none"): value
        for key, value in result["results"][name].items()
        if key.endswith(",none") and "perplexity_stderr" not in key and "byte_stderr" not in key
    }
    items = [
        item_truth(lm, sample, with_tokens) for sample in sorted(result["samples"][name], key=lambda s: s["doc_id"])
    ]
    truth = {"prefix": lm.prefix_token_id, "maxLength": lm.max_length, "metrics": figures, "items": items}
    return {**truth, "windows": lm.windows} if with_tokens and lm.windows else truth


def item_truth(lm: Recorder, sample: dict[str, Any], with_tokens: bool) -> dict[str, Any]:
    if "acc" not in sample:
        (loglikelihood,) = sample["filtered_resps"]
        words, count = sample["word_perplexity"][1], sample["byte_perplexity"][1]
        text = {"text": sample["arguments"][0][0]} if with_tokens else {}
        return {"ll": loglikelihood, "words": words, "bytes": count, **text}
    scored = {key: sample[key] for key in ("acc", "acc_norm", "acc_bytes")}
    answers = [{"ll": ll, "greedy": greedy} for ll, greedy in sample["filtered_resps"]]
    if not with_tokens:
        return {**scored, "requests": answers}
    texts = [(arguments[0], arguments[1]) for arguments in sample["arguments"]]
    ids = [lm.seen[pair] for pair in texts]
    requests = [
        {"context": pair[0], "continuation": pair[1], "contextIds": head, "continuationIds": tail, **answer}
        for pair, (head, tail), answer in zip(texts, ids, answers, strict=True)
    ]
    return {**scored, "requests": requests}


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")


def write_rows(out: Path, name: str, rows: list[dict[str, Any]]) -> None:
    (out / "rows").mkdir(exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (out / "rows" / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    datasets.Dataset.from_list(rows).to_parquet(str(out / "rows" / f"{name}.parquet"))


def main(models: Path, out: Path) -> None:
    about = {**MADE_WITH, "model": MODEL}
    lm = load(models, MODEL, None)
    truth: dict[str, Any] = {}
    for name, rows in ROWS.items():
        write_rows(out, name, rows)
        truth[name] = evaluate(lm, defined_task(name, rows), name, True, False)
    write(out / "definitions.json", {**about, "tasks": truth})
    for template in sorted((out / "chat").glob("*.jinja")):
        lm.tokenizer.chat_template = template.read_text(encoding="utf-8")
        names = [name for name in ROWS if name != "wikitext"]
        chat = {name: evaluate(lm, defined_task(name, ROWS[name]), name, True, True) for name in names}
        write(template.with_suffix(".json"), {**about, "tasks": chat})
    for model, max_length, files in ITEM_RUNS:
        lm = load(models, model, max_length)
        write_items(lm, out, model if max_length is None else f"{model}.max{max_length}", files, {"model": model})
    for adapter in ADAPTERS:
        lm = load(models, MODEL, None)
        # Its own way to load adapters cuts the embedding to the tokenizer's size; all rows take part here.
        lm._model = PeftModel.from_pretrained(lm.model, str(models.parent / "adapters" / adapter)).eval()
        write_items(lm, out, adapter, ADAPTED, {"model": MODEL, "adapter": adapter})


def write_items(lm: Recorder, out: Path, run: str, files: list[str], about: dict[str, Any]) -> None:
    for name in files:
        lines = (out / "items" / f"{name}.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
        result = evaluate(lm, item_task(name, [json.loads(line) for line in lines]), name, False, False)
        write(out / "truth" / run / f"{name}.json", {**MADE_WITH, **about, **result})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
