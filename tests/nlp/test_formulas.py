"""What people say beside what they have to say makes no theme, gives no reason and sways no mood."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from nlp.encoder import load_encoder
from nlp.formulas import formulas, known_formulas, shown
from nlp.pipeline import analyse
from nlp.taxonomy import load_taxonomy


def test_known_formulas_and_what_only_looks_like_one() -> None:
    encoder = load_encoder()
    texts = ["Thanks in advance!", "thank you so very much", "Perfect, as always.", "The gasket leaks.", "Great support on the phone", "The perfect colour"]  # fmt: skip
    found = formulas(texts, encoder.encode(texts), encoder.encode(known_formulas()))
    assert found.tolist() == [True, True, True, False, False, False]


def test_a_formula_is_found_by_how_it_behaves() -> None:
    """The same short words close comments of every theme; as short a complaint that goes with one theme does not count."""
    encoder = load_encoder()
    heads = ["The gasket leaks", "Our bill is wrong", "The ferry was late", "Nobody answered my letter"]
    texts, comments, themes = [], [], []
    for number, (theme, _) in enumerate(itertools.product(range(4), range(4))):
        texts += [f"{heads[theme]}.", "We really need to hear from you."]
        comments += [f"c{number:02d}"] * 2
        themes += [theme, 4]
    for number in range(16, 24):
        texts += ["Our bill is wrong.", "We are waiting for the credit."]
        comments += [f"c{number:02d}"] * 2
        themes += [1, 5]
    found = shown(texts, encoder.encode(texts), comments, np.array(themes), encoder.encode(known_formulas()))
    assert {texts[i] for i in np.flatnonzero(found)} == {"We really need to hear from you."}


def test_formulas_make_no_theme_and_sway_no_mood() -> None:
    heads = ["The gasket leaks badly", "The gasket was leaking", "A leaking gasket again", "Water runs out at the gasket"]
    bills = ["Our bill is wrong", "The amount on the bill is wrong", "You billed us twice", "Wrong price on the bill"]
    tails = ["Thank you very much!", "Thanks in advance.", "Have a nice day.", "Keep up the good work!"]
    rows = [f"{head}. {tail}" for head, tail in itertools.product(heads + bills, tails)]
    only = ["Perfect!", "Very satisfied.", "We are happy with you."]
    comments = pd.DataFrame({"feedback_id": [f"f{i:03d}" for i in range(len(rows) + 3)], "text": rows + only})
    voice = analyse(comments, load_encoder(), load_taxonomy("supply_chain"))
    beside = voice.segments[voice.segments["text"].str.contains("Have a nice day|good work")]
    assert beside["theme_id"].isna().all()
    told = voice.texts.set_index("feedback_id")["sentiment"]
    assert (told[comments["feedback_id"][: len(rows)]] < 0).mean() > 0.9
    assert (told[comments["feedback_id"][len(rows) :]] > 0).all()  # alone, praise is praise
    assert voice.unassigned == 0
    assert voice.set_aside["of praise, blame or thanks in general"] == 3
