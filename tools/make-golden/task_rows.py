"""Invented rows in the public schema of each ready-made task, with what real ones have: brackets, tags, odd spaces."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def lettered(question: str, texts: list[str], answer: str, labels: str = "ABCDE", column: str = "question") -> Row:
    choices = {"text": texts, "label": list(labels[: len(texts)])}
    return {"id": f"row-{len(question)}", column: question, "choices": choices, "answerKey": answer}


BOOLQ = [
    ("Salt dissolves in water. The taste is known to all.", "does salt dissolve in water", 1),
    (
        "Copper kettles -- also called \u201ckettles\u201d -- were made here; none is left.",
        "are copper kettles left",
        0,
    ),
    ("Salt dissolves in water. The taste is known to all.", "is the taste of salt unknown", 0),
    ("A bridge crosses the river \u2014 twice.\n\nIt is old. ", "is the bridge new", 0),
]

HELLASWAG = [
    (
        "Playing harp",
        "A woman sits down. ",
        "she",
        ["plays  the harp.", " eats [title] the harp", "is gone", "[step] sings. "],
        "0",
    ),
    (
        "Baking [bread]",
        "[header] How to bake bread [title] Mix the flour. [step] Use a bowl.  Wait.",
        "then THE dough",
        ["rises [substeps] slowly.", "falls.", "sings [a] loud [b] song", "walks"],
        "2",
    ),
    ("Rowing", "Two men row a boat [unclosed", "", ["on the river.", "in the sky", "into a tree.", "to sleep ]"], "1"),
    (
        "Cutting the grass",
        "The man's mower\nstops [here\nnot there]. ",
        "\u00e9mile pushes",
        ["it.", "the wall", "a cat [x]", "on"],
        "3",
    ),
]

WINOGRANDE = [
    ("The hammer did not fit in the box because the _ was too large.", "hammer", "box", "1"),
    ("Greta thanked Irma after _  had given her the lantern", "Greta", "Irma", "2"),
    ("Between tea and milk _, he said, is warmer _ than all.", "tea", "milk", "1"),
    ("_ is where the wooden ladder was kept until Jonas moved the basket. ", "The attic", "The cellar", "2"),
]

SUBJECTS = ("anatomy", "high_school_us_history")

WIKITEXT = [
    " \n = Copper Kettle = \n \n The kettle 's lid was 12 @,@ 500 crowns , or 3 @.@ 5 @-@ fold ( see attic ) . \n",
    " = Robert = \n \n = = Career = = \n \n = = = 2000 \u2013 2005 = = = \n"
    " He said \" it is cold \" ; ' why ? ' N \u00b0 4 ! \n",
    "The sisters ' house : [ a ( b ] c ) { d } \" e ' f \" g ' h . At 20 \u00b0 C it\u2019s warm . ( open ( end\n \n",
    "= Title =\n\n" + "The wooden ladder is kept in the bell tower , near the old mill . " * 40,
]

ROWS: dict[str, list[Row]] = {
    "boolq": [
        {"question": question, "passage": passage, "idx": index, "label": label}
        for index, (passage, question, label) in enumerate(BOOLQ)
    ],
    "commonsense_qa": [
        lettered("  Where would you keep a ladder? ", ["attic", "river", "soup", "cloud", "shoe"], "A"),
        lettered("What is frozen?", ["ice", " fire", "a song ", "caf\u00e9", "n\u00ba 5"], "D"),
        lettered("Who said \u201cno\u201d?\n", ["Ada", "Ben", "Ben", "Cid", "Dora"], "E"),
    ],
    "hellaswag": [
        {
            "ind": index,
            "activity_label": label,
            "ctx_a": before,
            "ctx_b": after,
            "ctx": f"{before} {after}",
            "endings": endings,
            "source_id": f"made~{index}",
            "split": "val",
            "split_type": "indomain",
            "label": gold,
        }
        for index, (label, before, after, endings, gold) in enumerate(HELLASWAG)
    ],
    "arc_easy": [
        lettered("Which metal conducts heat best?", ["copper", "wood", "glass"], "A"),
        lettered("What is 3 + 4?  ", ["7", "12", "34", "1"], "1", "1234"),
        lettered(" Why is the sky blue?", ["Rayleigh scattering", "paint", "the sea", "it is not"], "C", "ABCD"),
    ],
    "arc_challenge": [
        lettered("Which of these (a, b, or c) melts at 0 \u00b0C?", ["ice", "iron", "salt", "oak", "sand"], "A"),
        lettered("Pick the odd one out.", ["cat", "dog", "door", "cow"], "3", "1234"),
    ],
    "winogrande": [
        {"sentence": sentence, "option1": first, "option2": second, "answer": answer}
        for sentence, first, second, answer in WINOGRANDE
    ],
    "piqa": [
        {"goal": "Open a jar.", "sol1": "Turn the lid.", "sol2": "Turn the table, not the lid.", "label": 0},
        {"goal": "keep bread fresh ", "sol1": " in the river", "sol2": "in a box", "label": 1},
        {"goal": "How do I\npolish brass?", "sol1": "with sand", "sol2": "with salt & vinegar", "label": 1},
    ],
    "openbookqa": [
        lettered("A lantern needs", ["oil", "soup", "a goat", "sleep"], "A", "ABCD", "question_stem"),
        lettered(
            "The sun is responsible for ", ["puppies", "plants growing", "ice", "night"], " B", "ABCD", "question_stem"
        ),
    ],
    "sciq": [
        {
            "question": "What do plants make?",
            "distractor1": "iron",
            "distractor2": "milk",
            "distractor3": "glass",
            "correct_answer": "sugar",
            "support": " \n Plants make sugar from light. ",
        },
        {
            "question": "What is H2O",
            "distractor1": "salt",
            "distractor2": "salt water",
            "distractor3": "ice cream",
            "correct_answer": "water",
            "support": "",
        },
    ],
    "pubmedqa": [
        {
            "QUESTION": "Does tea help?",
            "CONTEXTS": ["BACKGROUND: Tea is warm.", "RESULTS: It helped 3 of 4 (75%)."],
            "final_decision": "yes",
        },
        {"QUESTION": "Is salt \u2265 sugar?", "CONTEXTS": ["None was seen."], "final_decision": "maybe"},
        {"QUESTION": "Is ice warm", "CONTEXTS": [], "final_decision": "no"},
    ],
    "wikitext": [{"page": page} for page in WIKITEXT],
    **{
        f"mmlu_{subject}": [
            {"question": question, "subject": subject, "choices": choices, "answer": answer}
            for question, choices, answer in [
                (f" Which of these is of {subject}? ", ["bone", "year", " none", "all"], 1),
                ('This refers to the text.\n"We, the people"\nWho wrote it?', ["A", "B", "C", "D "], 3),
            ]
        ]
        for subject in SUBJECTS
    },
}
