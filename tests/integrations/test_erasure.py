"""`rapport erase`: a person is in no file any more, every figure is what it was, the log says so, and who comes again is erased again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from assistant.questions import Turn
from integrations.build import build
from integrations.cli.app import app
from integrations.live import Live
from integrations.reopening import keep_answer
from integrations.settings import load
from knowledge import erasure
from knowledge.access import Scope
from knowledge.erasure import Person
from knowledge.errors import RapportError
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.state import open_state
from knowledge.tables import Store
from tests.integrations.serving import copied
from tests.support import workspace

ADMIN = Scope.of_role("admin")
NAME, ADDRESS, ID = "Zelda Quistgaard", "zelda.q@acme.example", "CT-ZELDA-77"


@pytest.fixture(scope="module")
def planted(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company with a contact who writes, is written about, was asked about and is in the quarantine."""
    folder = tmp_path_factory.mktemp("erasure")
    home = copied(company, folder)
    store = Store(home / "tables")
    customer = store.read("customers").to_pylist()[0]["customer_id"]
    comment = store.read("feedback").to_pylist()[0]
    source = folder / "source"
    source.mkdir()
    frames = {
        "contacts": [
            {"contact_id": ID, "customer_id": customer, "name": NAME, "role": "buyer", "email": ADDRESS},
            {"contact_id": "CT-OTHER", "customer_id": customer, "name": "Somebody Else", "role": "buyer", "email": "else@acme.example"},
        ],
        "interactions": [
            {
                "interaction_id": "IZ1", "customer_id": customer, "contact_id": ID, "at": str(comment["at"]), "kind": "call", "channel": "phone",
                "subject": f"Call with {NAME}", "text": f"{NAME.upper()} <{ADDRESS}> wants the pallets on Monday", "agent": "Ulf Zackrisson",
            }
        ],
        "feedback": [
            {
                "feedback_id": "FZ1", "customer_id": customer, "at": str(comment["at"]), "channel": "survey",
                "text": f"The driver was late again. Kind regards,\n{NAME}",
            },
            {"feedback_id": "FZ2", "customer_id": "C-NOWHERE", "at": str(comment["at"]), "channel": "survey", "text": f"Call {NAME}"},
        ],
    }  # fmt: skip
    for name, rows in frames.items():
        pd.DataFrame(rows).to_csv(source / f"{name}.csv", index=False)
    report = import_files(home, load_mapping("canonical"), [source])
    assert report.quarantined == 1
    build(home, load(home))
    live = Live(home)
    for question in (f"what did {NAME} say about late delivery?", "orders in 2026"):
        said = live.reply(Turn(question, ADMIN, "c1"))
        assert said.status
    keep_answer(
        live.state,
        {"id": "z1", "status": "answered", "text": f"Ask {NAME}.", "figures": [], "snapshot": ""},
        ADMIN,
        f"who is {ADDRESS}?",
    )
    live.close()
    return home


@pytest.fixture
def home(planted: Path, tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    shutil.copytree(planted, made)
    return made


def erased(home: Path, *words: str) -> Any:
    done = CliRunner().invoke(app, ["erase", *words, "--workspace", str(home), "--json"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return json.loads(done.stdout)


def near(value: Any) -> Any:
    """Sums of the same numbers in another order are the same to nine digits."""
    return pytest.approx(value, rel=1e-9) if isinstance(value, float) else value


def figures(home: Path) -> dict[str, Any]:
    """Every metric's figure over everything."""
    live, found = Live(home), {}
    for metric in live.catalogue():
        with live.reading(ADMIN) as reader:
            from assistant.answer import answer_query
            from integrations.explained import metric_query

            try:
                said = answer_query(metric_query({"metric": metric["name"]}, reader), reader)
            except RapportError as err:
                found[metric["name"]] = err.code
                continue
            found[metric["name"]] = [(near(f.value), f.rows) for f in said.figures]
    live.close()
    return found


def everywhere(home: Path, *words: str) -> list[str]:
    """Files that hold a word, as bytes or as a value in a table; found without the code that is tested."""
    import pyarrow.parquet as pq

    found = []
    for file in sorted(p for p in home.rglob("*") if p.is_file()):
        said = (
            str(pq.read_table(file).to_pydict()) if file.suffix == ".parquet" else file.read_bytes().decode("utf-8", "replace")
        )
        found += [str(file.relative_to(home)) for w in words if w.casefold() in said.casefold()]
    return found


def small(root: Path) -> Path:
    """Three customers, one of them a person, with contacts, orders and calls; no comments, so that it is built in a moment."""
    at = pd.Timestamp("2026-03-01", tz="UTC")
    return workspace(
        root,
        {
            "customers": pd.DataFrame({"customer_id": ["C-100", "C-200", "C-300"], "name": ["Acme", "Jo Sand", "Bolt"], "account_owner": ["Ulf Zackrisson", "Kim Lee", None]}),
            "contacts": pd.DataFrame({"contact_id": [ID, "CT-2"], "customer_id": ["C-100", "C-200"], "name": [NAME, "Jo Sand"], "role": ["buyer", None], "email": [ADDRESS, None]}),
            "orders": pd.DataFrame({"order_id": ["O1", "O2", "O3"], "customer_id": ["C-100", "C-200", "C-300"], "ordered_at": [at] * 3, "status": ["open"] * 3}),
            "interactions": pd.DataFrame(
                {
                    "interaction_id": ["I1", "I2"], "customer_id": ["C-100", "C-200"], "contact_id": [ID, "CT-2"], "at": [at] * 2, "kind": ["call"] * 2,
                    "subject": [f"Call with {NAME}", None], "text": [f"{NAME.upper()} <{ADDRESS}> asks for Jo Sand", "Jo Sand called Ulf  Zackrisson"],
                    "agent": ["Ulf Zackrisson", "Kim Lee"], "first_response_at": [at + pd.Timedelta(hours=2)] * 2,
                }
            ),
        },
        "2026-03-31",
    )  # fmt: skip


def test_each_kind_of_person_leaves_a_small_company(tmp_path: Path) -> None:
    home = small(tmp_path / "w")
    build(home, load(home))
    state = open_state(home)
    state.audit("Ann", "admin", "answer", {"question": f"who is {NAME}?", "text": ADDRESS})
    state.close()
    before, rows = figures(home), {n: Store(home / "tables").version(n).rows for n in ("customers", "contacts", "interactions")}
    for words, gone in (
        (("--contact", NAME), (NAME, ADDRESS, ID)),
        (("--colleague", "ulf zackrisson"), ("Ulf Zackrisson", "Ulf  Zackrisson")),
        (("--customer", "C-200"), ("Jo Sand", "C-200", "CT-2")),
    ):
        assert everywhere(home, *gone)
        proof = erased(home, *words)
        assert proof["left"] == []
        assert proof["figures_unbroken"]
        assert everywhere(home, *gone) == []
        assert {n: Store(home / "tables").version(n).rows for n in rows} == rows
    assert figures(home) == before
    state = open_state(home)
    assert state.audit_chain().broken is None
    assert [e.action for e in state.audit_log(20)].count("erasure") == 3
    assert "who is [name]?" in json.dumps([e.detail for e in state.audit_log(20)])
    state.close()


@pytest.mark.slow
def test_a_contact_is_nowhere_and_every_figure_is_what_it_was(home: Path) -> None:
    assert everywhere(home, NAME, ADDRESS, ID)
    before, rows = figures(home), {n: Store(home / "tables").version(n).rows for n in ("contacts", "interactions", "feedback")}
    proof = erased(home, "--contact", ADDRESS)
    assert proof["left"] == []
    assert everywhere(home, NAME, ADDRESS, ID) == []
    assert proof["figures_unbroken"]
    assert proof["cells"]["contacts"] >= 3
    assert {"answers", "audit"} <= set(proof["state"])
    assert figures(home) == before
    store = Store(home / "tables")
    assert {n: store.version(n).rows for n in rows} == rows
    talk = next(r for r in store.read("interactions").to_pylist() if r["interaction_id"] == "IZ1")
    assert talk["text"] == "[name] <[e-mail]> wants the pallets on Monday"
    assert talk["contact_id"] in {r["contact_id"] for r in store.read("contacts").to_pylist()}
    state = open_state(home)
    assert state.audit_chain().broken is None
    entry = state.audit_log(1)[0]
    assert (entry.action, entry.principal, len(entry.detail["head_before"])) == ("erasure", "command line", 64)
    assert NAME not in json.dumps([e.detail for e in state.audit_log(1000)])
    kept = state.whole_answer("z1")
    assert kept is not None
    assert kept["text"] == "Ask [name]."
    state.close()
    people = {r["contact_id"]: r for r in store.read("contacts").to_pylist()}
    assert people["CT-OTHER"]["name"] == "Somebody Else"
    gone = people[talk["contact_id"]]
    assert (gone["name"], gone["role"], gone["email"], gone["preferred_channel"]) == ("[name]", "[role]", "[e-mail]", None)


@pytest.mark.slow
def test_who_comes_again_is_erased_again(home: Path, tmp_path: Path) -> None:
    erased(home, "--contact", ID)
    file = tmp_path / "contacts.csv"
    customer = Store(home / "tables").read("customers").to_pylist()[0]["customer_id"]
    pd.DataFrame([{"contact_id": "CT-NEW-ID", "customer_id": customer, "name": NAME, "email": ADDRESS.upper()}]).to_csv(
        file, index=False
    )
    import_files(home, load_mapping("canonical"), [file])
    assert everywhere(home, ADDRESS)
    build(home, load(home))
    assert everywhere(home, NAME, ADDRESS, "CT-NEW-ID") == []


@pytest.mark.slow
def test_a_colleague_and_a_customer_who_is_a_person(home: Path) -> None:
    store = Store(home / "tables")
    customer = store.read("customers").to_pylist()[0]
    before = figures(home)
    assert erased(home, "--colleague", "ulf zackrisson")["left"] == []
    assert everywhere(home, "Ulf Zackrisson") == []
    proof = erased(home, "--customer", customer["customer_id"])
    assert proof["left"] == []
    assert not [r for r in store.read("orders").to_pylist() if r["customer_id"] == customer["customer_id"]]
    assert figures(home) == before
    names = {r["name"] for r in store.read("customers").to_pylist()}
    assert customer["name"] not in names
    assert any(n.startswith("Erased customer ") for n in names)


def test_an_id_that_is_a_number_is_taken_out_of_its_own_columns_only() -> None:
    rows = pa.table(
        {"order_id": ["17", "18"], "customer_id": ["17", "18"], "channel": ["17", None], "source": ["a.csv", "a.csv"]}
    )
    person = Person("customer", {"customer_id": {"17": "erased-x"}, "contact_id": {}}, {}, {}, "17")
    made, cells = erasure.erased("orders", rows, person)
    assert made.to_pydict() == {**rows.to_pydict(), "customer_id": ["erased-x", "18"]}
    assert cells == 1
    assert erasure.without("revenue of 17 customers", person) == "revenue of 17 customers"


def test_whoever_else_has_the_name_keeps_it() -> None:
    rows = pa.table({"customer_id": ["C-100", "C-200"], "name": ["Jo Sand", "jo sand"], "parent_id": ["C-200", "C-100"]})
    person = Person(
        "customer", {c: {"C-100": "erased-x"} for c in ("customer_id", "parent_id")}, {"Jo Sand": "[name]"}, {}, "C-100"
    )
    made = erasure.erased("customers", rows, person)[0].to_pydict()
    assert made == {
        "customer_id": ["erased-x", "C-200"],
        "name": ["Erased customer x", "jo sand"],
        "parent_id": ["C-200", "erased-x"],
    }
    texts = pa.table({"feedback_id": ["F1"], "customer_id": ["C-200"], "text": ["Ask JO  SAND, or joe sander"]})
    assert erasure.erased("feedback", texts, person)[0]["text"].to_pylist() == ["Ask [name], or joe sander"]


def test_nobody_is_erased_by_half_a_name(home: Path) -> None:
    for words in (("--contact", "Zelda"), ("--customer", "Nobody At All"), ("--colleague", "Ulf")):
        with pytest.raises(RapportError) as err:
            erased(home, *words)
        assert err.value.code == "unknown_name"
    assert erased_nothing(home)


def erased_nothing(home: Path) -> bool:
    return bool(everywhere(home, NAME)) and not open_state(home).all_kept("erased")
