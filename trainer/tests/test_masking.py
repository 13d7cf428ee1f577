"""Ids made by hand: the tokenizer below knows one id per character, 0 is the end token and the padding."""

from types import SimpleNamespace
from typing import Any

import pytest

from deltascope_trainer.config import Data
from deltascope_trainer.data.masking import encode_row
from deltascope_trainer.data.rows import BadRow, Row
from deltascope_trainer.data.template import alpaca_prompt, plain_prompt, prompt_and_answer
from deltascope_trainer.loss import padded

END, TURN = 0, 1
_ = -100


class Characters:
    """`|` is the end-of-turn token of its chat template `U:...|A:...|`."""

    eos_token_id = END
    all_special_ids = (END, TURN)
    chat_template = "yes"
    thinks = False

    def __call__(self, text: str, add_special_tokens: bool = True) -> Any:
        return SimpleNamespace(input_ids=[TURN if sign == "|" else ord(sign) for sign in text])

    def apply_chat_template(self, turns: list[dict[str, str]], tokenize: bool, add_generation_prompt: bool) -> str:
        text = ""
        for place, turn in enumerate(turns):
            mark = "T" if self.thinks and turn["role"] == "assistant" and place == len(turns) - 1 else ""
            text += f"{turn['role'][0].upper()}:{mark}{turn['content']}|\n"
        return text + ("A:" if add_generation_prompt else "")


def data(**changes: Any) -> Data:
    return Data.model_validate({"files": [{"path": "x", "format": "pairs"}], "cutoff": 100, **changes})


def pair(prompt: str, completion: str) -> Row:
    return Row("x", 1, "pairs", {"prompt": prompt, "completion": completion})


def chat(*turns: str) -> Row:
    roles = {"u": "user", "a": "assistant", "s": "system"}
    return Row("x", 1, "chat", {"messages": [{"role": roles[t[0]], "content": t[2:]} for t in turns]})


def codes(text: str) -> list[int]:
    return [TURN if sign == "|" else ord(sign) for sign in text]


def test_pairs_learn_the_answer_and_the_end() -> None:
    encoded = encode_row(pair("ab", "cd"), Characters(), data())
    assert encoded.ids == [97, 98, 99, 100, END]
    assert encoded.labels == [_, _, 99, 100, END]
    assert not encoded.joint_differs and not encoded.cut


def test_loss_on_everything_but_the_first_token() -> None:
    encoded = encode_row(pair("ab", "c"), Characters(), data(loss_on="all"))
    assert encoded.labels == [_, 98, 99, END]


def test_an_empty_prompt_teaches_from_the_second_token() -> None:
    assert encode_row(pair("", "ab"), Characters(), data()).labels == [_, 98, END]


def test_the_prompt_is_cut_from_the_left_and_the_answer_never() -> None:
    encoded = encode_row(pair("abcdefgh", "xyz"), Characters(), data(cutoff=8))
    assert encoded.ids == [*codes("efghxyz"), END] and encoded.cut
    assert encoded.labels == [_, _, _, _, *codes("xyz"), END]
    assert encode_row(pair("ab", "c" * 20), Characters(), data(cutoff=8)) is None
    assert encode_row(pair("abcdefgh", "xyz"), Characters(), data(cutoff=8, overlong="drop")) is None
    with pytest.raises(BadRow, match="12 tokens are more than the cutoff of 8"):
        encode_row(pair("abcdefgh", "xyz"), Characters(), data(cutoff=8, overlong="error"))
    everything = encode_row(pair("abcdefgh", "xyz"), Characters(), data(cutoff=8, loss_on="all"))
    assert everything.labels == [_, *codes("fghxyz"), END]


def test_alpaca_forms() -> None:
    fields = {"instruction": "I", "input": "X", "output": "O"}
    assert alpaca_prompt(fields).endswith("\n\n### Instruction:\nI\n\n### Input:\nX\n\n### Response:\n")
    assert alpaca_prompt(fields).startswith("Below is an instruction that describes a task, paired with an input")
    assert alpaca_prompt({**fields, "input": ""}) == (
        "Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request.\n\n### Instruction:\nI\n\n### Response:\n"
    )
    assert alpaca_prompt(fields, preamble=False) == "### Instruction:\nI\n\n### Input:\nX\n\n### Response:\n"
    assert alpaca_prompt({**fields, "system": "S"}).startswith("S\n\n### Instruction")
    assert plain_prompt({**fields, "system": "S"}) == "S\nI\nX"
    assert prompt_and_answer(Row("x", 1, "alpaca", fields), "none") == ("I\nX", "O")


def test_alpaca_rows_learn_their_output() -> None:
    row = Row("x", 1, "alpaca", {"instruction": "I", "input": "", "output": "No"})
    encoded = encode_row(row, Characters(), data(template="alpaca_short", cutoff=512))
    prompt = codes("### Instruction:\nI\n\n### Response:\n")
    assert encoded.ids == [*prompt, *codes("No"), END]
    assert encoded.labels == [_] * len(prompt) + [*codes("No"), END]


def test_choices_learn_the_gold_one_with_its_delimiter() -> None:
    fields = {"context": "Q: ", "choices": ["x", "yz"], "gold": 1, "delimiter": "-", "keepSpace": False}
    encoded = encode_row(Row("x", 1, "choice", fields), Characters(), data())
    assert encoded.labels == [_, _, *codes(" -yz"), END]
    kept = encode_row(Row("x", 1, "choice", {**fields, "keepSpace": True}), Characters(), data())
    assert kept.labels == [_, _, _, *codes("-yz"), END]


def test_conversations_learn_every_answer_with_its_end_of_turn() -> None:
    encoded = encode_row(chat("s be", "u hi", "a yo", "u ok", "a no"), Characters(), data())
    text = "S:be|\nU:hi|\nA:yo|\nU:ok|\nA:no|\n"
    assert encoded.ids == codes(text)
    learned = "".join("|" if i == TURN else chr(i) for i in encoded.labels if i != _)
    assert learned == "yo|no|"
    assert encoded.labels[text.index("yo")] == ord("y") and encoded.labels[text.index("A:yo")] == _


def test_a_template_that_writes_the_last_turn_differently() -> None:
    """As templates with thinking blocks do: earlier turns end at their end-of-turn token all the same."""
    thinking = Characters()
    thinking.thinks = True
    encoded = encode_row(chat("u hi", "a yo", "u ok", "a no"), thinking, data())
    assert "".join("|" if i == TURN else chr(i) for i in encoded.labels if i != _) == "yo|Tno|"


def test_an_instruction_as_conversation() -> None:
    row = Row("x", 1, "alpaca", {"instruction": "I", "input": "X", "output": "O"})
    encoded = encode_row(row, Characters(), data(template="chat"))
    assert encoded.ids == codes("U:I\n\nX|\nA:O|\n")
    assert [i for i in encoded.labels if i != _] == codes("O|")


def test_other_tokens_when_joined_are_noticed() -> None:
    class Pairs(Characters):
        def __call__(self, text: str, add_special_tokens: bool = True) -> Any:
            return SimpleNamespace(input_ids=codes(text.replace("bc", "Z")))

    assert encode_row(pair("ab", "cd"), Pairs(), data()).joint_differs
    assert not encode_row(pair("a", "bcd"), Pairs(), data()).joint_differs


def test_padding_is_masked_by_length_and_the_end_token_is_learned() -> None:
    batch = padded([[5, 6, END], [7, END]], [[_, 6, END], [_, END]], pad=END)
    assert batch["input_ids"].tolist() == [[5, 6, END], [7, END, END]]
    assert batch["labels"].tolist() == [[_, 6, END], [_, END, _]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
