"""The same company in two exports: what is said to be sure is right, most are found, and nothing is merged by itself."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pandas as pd
import pytest

from knowledge.aliases import confirm, listed, open_proposals, propose
from knowledge.company_names import domain, words
from knowledge.errors import BadQuestion, UnknownName
from knowledge.tables import Store
from tests.support import canonical

HEADS = (
    "Alder Baltic Birch Bright Cedar Crown Delta Eagle Falcon Granite Harbor Iron Jupiter Keystone Lakeside Maple Nordic Oak Orion "
    "Pacific Pioneer Quartz River Sierra Summit Titan Union Vega Willow Zenith Müller Schmidt Larsson Dubois Rossi García Novak Kowalski "
    "Johansen Virtanen Peeters Jansen Costa Silva Moreau Bianchi Horváth Popescu Andersson Hoffmann"
).split()
TAILS = "Steel Timber Foods Plastics Logistics Tools Paper Textiles Chemicals Electronics Packaging Motors Glass Systems Trading".split()
MORE = "North South East West Europe International Brothers Sons Services Works".split()
LEGAL = {
    "DE": ["GmbH", "AG", "GmbH & Co. KG"],
    "SE": ["AB"],
    "UK": ["Ltd", "Limited", "PLC"],
    "FR": ["SARL", "S.A."],
    "US": ["Inc.", "LLC", "Corp."],
}
LETTERS = "abcdefghijklmnoprstuvwyz"


def misspelt(rng: random.Random, name: str) -> str:
    place = rng.randrange(1, len(name) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return name[:place] + name[place + 1 :]
    if kind == 1:
        return name[:place] + rng.choice(LETTERS) + name[place:]
    if kind == 2:
        return name[:place] + rng.choice(LETTERS) + name[place + 1 :]
    return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]


def exports(seed: int, companies: int = 2000) -> tuple[pd.DataFrame, pd.DataFrame, set[tuple[str, str]]]:
    """Two systems' customers: half of the companies are in both, written differently, many beside others of nearly their name."""
    rng = random.Random(seed)
    rows, contacts, same = [], [], set()
    used: set[str] = set()
    for number in range(companies):
        while True:
            head = (
                rng.choice(HEADS)
                if rng.random() < 0.6
                else "".join(rng.choice(("ka", "lo", "mi", "ter", "von", "sa", "bru", "den")) for _ in range(3)).title()
            )
            name = " ".join([head, rng.choice(TAILS), *([rng.choice(MORE)] if rng.random() < 0.3 else [])])
            if name not in used:
                used.add(name)
                break
        country = rng.choice(list(LEGAL))
        region = rng.choice(["N", "S", "E", "W"])
        mail = f"{''.join(words(name))[:18]}.{country.lower()}"
        both = number < companies // 2
        for system in ("A", "B") if both else (rng.choice("AB"),):
            said = name
            if system == "B":
                for _ in range(rng.choice((0, 0, 1, 1, 2))):
                    said = misspelt(rng, said)
                said = said.upper() if rng.random() < 0.2 else said
                parts = said.split()
                said = " ".join([*parts[1:], parts[0]]) if rng.random() < 0.05 else said
            ending = "" if rng.random() < 0.25 else " " + rng.choice(LEGAL[country])
            key = f"{system}{number}"
            rows.append({"customer_id": key, "name": said + ending, "country": country if rng.random() < 0.9 else None,
                         "region": region if rng.random() < 0.6 else None})  # fmt: skip
            if rng.random() < 0.6:
                contacts.append({"customer_id": key, "email": f"x@{mail if rng.random() < 0.8 else 'gmail.com'}"})
        if both:
            same.add((f"A{number}", f"B{number}"))
    order = list(range(len(rows)))
    rng.shuffle(order)
    return pd.DataFrame([rows[i] for i in order]), pd.DataFrame(contacts), same


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sure_pairs_are_right_and_most_are_found(seed: int) -> None:
    customers, contacts, same = exports(seed)
    started = time.perf_counter()
    found = propose(customers, contacts)
    took = time.perf_counter() - started
    pairs = [tuple(sorted(p)) for p in zip(found["a"], found["b"], strict=True)]
    sure = [p for p, s in zip(pairs, found["sure"], strict=True) if s]
    right = sum(p in same for p in sure)
    assert right / len(sure) >= 0.99, f"{right} of {len(sure)}"
    assert right / len(same) >= 0.5
    assert len(same & set(pairs)) / len(same) >= 0.9
    assert took < 60


def names(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame([{"customer_id": i, "name": n, "country": c, "region": None} for i, n, c in rows])


def test_legal_forms_accents_and_misspellings() -> None:
    assert words("Müller Söhne GmbH & Co. KG") == ("muller", "sohne")
    assert words("A.B.C. Trading S.A.") == ("abc", "trading")
    assert (domain("Joe@Acme.com"), domain("joe@gmail.com"), domain("joe")) == ("acme.com", "", "")
    found = propose(
        names(("1", "Müller Maschinenbau GmbH", "DE"), ("2", "MULLER MASCHINENBAU", "DE"), ("3", "Meier Druck AG", "DE"))
    )
    assert found[["a", "b", "sure"]].to_numpy().tolist() == [["1", "2", True]]
    assert "same name" in found["why"][0]


def test_what_speaks_against_a_pair_makes_it_unsure() -> None:
    rows = names(("1", "Nordic Timber AB", "SE"), ("2", "Nordic Timber Ltd", "UK"))
    assert not propose(rows)["sure"].any()
    assert not propose(names(("1", "Depot 12", "SE"), ("2", "Depot 13", "SE")))["sure"].any()
    apart = pd.DataFrame({"customer_id": ["1", "2"], "email": ["a@one.se", "b@two.se"]})
    assert not propose(rows.assign(country="SE"), apart)["sure"].any()
    three = names(("1", "Nordic Timber", "SE"), ("2", "Nordic Timber AB", "SE"), ("3", "Nordic Timber Ltd", "SE"))
    assert not propose(three)["sure"].any()  # which two of the three?


def test_confirmed_pairs_are_written_and_nothing_else_changes(tmp_path: Path) -> None:
    store = Store(tmp_path / "tables")
    rows = names(("1", "Acme Foods Inc", "US"), ("2", "Acme Foods", "US"), ("3", "Acme Food LLC", "US")).assign(source="crm")
    store.replace("customers", canonical("customers", rows))
    assert {tuple(p) for p in open_proposals(tmp_path)[["a", "b"]].to_numpy()} >= {("1", "2")}
    assert listed(tmp_path).empty
    assert confirm(tmp_path, "1", "2")["customer_id"] == "1"
    assert ("1", "2") not in {tuple(p) for p in open_proposals(tmp_path)[["a", "b"]].to_numpy()}
    assert store.read("customers").num_rows == 3
    confirm(tmp_path, "3", "1")  # 2 leads to 3 now, too
    assert sorted(listed(tmp_path)[["external_id", "customer_id"]].to_numpy().tolist()) == [["1", "3"], ["2", "3"]]
    with pytest.raises(BadQuestion):
        confirm(tmp_path, "1", "3")
    with pytest.raises(UnknownName):
        confirm(tmp_path, "1", "99")
