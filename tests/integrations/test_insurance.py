"""Another trade: an insurer's tables come in through a mapping of their own, a small `metrics.yaml` adds what an insurer counts, and the
questions of the ACME benchmark are answered as its own SQL answers them, or refused; none is answered otherwise."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from assistant.conversation import InMemory
from assistant.engine import Engine
from assistant.questions import Answer, Turn
from integrations.build import build
from integrations.cli.app import app
from integrations.doctor import examine
from integrations.live import Live
from integrations.settings import load
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.errors import BadInput
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from tests.integrations.serving import served
from tests.support import DATA

ACME = DATA / "acme-insurance"
HERE = Path(__file__).parent / "insurance"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ACME.is_dir(), reason="../shared/data is not here")]
LOADED = {"customers": 1, "orders": 2, "products": 6, "order_lines": 6, "returns": 9}
RIGHT = {"HQHS": (8, 10), "HQLS": (11, 11), "LQHS": (4, 10), "LQLS": (8, 13)}
"""How many of the benchmark's questions are answered right, of how many, by its own classes: high or low question and schema
complexity. (One of its eleven "HQHS" is there twice.)"""


@dataclass(frozen=True)
class Asked:
    """A question of the benchmark, its class, and the rows that the benchmark's SQL gives over the CSV files."""

    question: str
    kind: str
    rows: tuple[tuple[str, ...], ...]


def told(value: object) -> str:
    """A cell as text, numbers to the cent."""
    number = re.fullmatch(r"-?\d+(\.\d+)?", str(value))
    return f"{float(str(value)):.2f}" if number else str(value)


@pytest.fixture(scope="module")
def benchmark() -> tuple[Asked, ...]:
    with duckdb.connect() as session:
        for file in sorted(ACME.glob("data_*.csv")):
            session.execute(f"CREATE TABLE {file.stem[5:]} AS SELECT * FROM read_csv('{file}', header = true)")
        return tuple(_asked(session))


def _asked(session: duckdb.DuckDBPyConnection) -> Iterator[Asked]:
    text = "".join((ACME / f).read_text(encoding="utf-8") for f in ("acme-benchmark.ttl", "benchmark_questions.ttl"))
    seen = set()
    for block in text.split("\n\n"):
        if "QandA:SQL" not in block:
            continue
        question, title, sql = (
            re.search(rf'{name}\s+"((?:[^"\\]|\\.)*)"', block)[1]
            for name in ("dct:description", "dct:title", "queryText")  # type: ignore[index]
        )
        question = " ".join(question.replace("\\n", " ").split())
        if question in seen:
            continue
        seen.add(question)
        sql = sql.encode().decode("unicode_escape")
        sql = re.sub(r"(?m)^\s*#", "--", sql)
        sql = re.sub(r'DATE_DIFF\((\w+), (\w+), "day"\)', r"date_diff('day', \1, \2)", sql)
        found = session.execute(sql).fetchall()
        yield Asked(question, title[:4], tuple(sorted({tuple(told(v) for v in row) for row in found})))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("insurer")
    shutil.copy(HERE / "metrics.yaml", home)
    report = import_files(home, load_mapping(HERE / "mapping.yaml"), [ACME], zone="UTC")
    assert {name: rows.loaded for name, rows in report.tables.items()} == LOADED
    build(home, load(home))
    return home


@pytest.fixture(scope="module")
def insurer(home: Path) -> Engine:
    return Workspace(home).engine(memory=InMemory())


def ask(insurer: Engine, question: str) -> Answer:
    return insurer.reply(Turn(question, Scope.of_role("manager")))


def ask_and_say_yes(insurer: Engine, question: str) -> tuple[Answer, bool]:
    """The answer, after a yes where the reading is said back first, and whether it was."""
    back = insurer.reply(Turn(question, Scope.of_role("manager"), question))
    if back.plan.get("reading") != "not sure":
        return back, False
    return insurer.reply(Turn("yes", Scope.of_role("manager"), question)), True


def cells(answer: Answer) -> list[set[str]]:
    """Of each group of the answer, its members and its figures."""
    groups: dict[tuple[tuple[str, str], ...], set[str]] = {}
    grouped = [f for f in answer.figures if f.group] or answer.figures
    for figure in grouped:
        key = tuple(sorted(figure.group.items()))
        groups.setdefault(key, {told(m) for _, m in key}).add(told(figure.value))
    return list(groups.values())


def is_right(answer: Answer, rows: tuple[tuple[str, ...], ...]) -> bool:
    """Whether each row that the SQL gives is one group of the answer, and there are no others."""
    groups = cells(answer)
    return len(groups) == len(rows) and all(any(set(row) <= group for group in groups) for row in rows)


def in_all(rows: tuple[tuple[str, ...], ...], answer: Answer) -> bool:
    """Whether the answer adds up, by what it is grouped by, the single amounts (the last column) that the SQL lists."""
    groups = cells(answer)
    sums = [sum(float(row[-1]) for row in rows if set(row[:-1]) & group) for group in groups]
    return all(f"{total:.2f}" in group for total, group in zip(sums, groups, strict=True)) and bool(groups)


def test_the_benchmark_is_answered_as_its_sql_answers_it_or_refused(insurer: Engine, benchmark: tuple[Asked, ...]) -> None:
    assert len(benchmark) >= 43
    right: Counter[str] = Counter()
    said_back = 0
    for asked in benchmark:
        answer, first = ask_and_say_yes(insurer, asked.question)
        said_back += first
        if answer.status == "answered":
            told_right = is_right(answer, asked.rows) or in_all(asked.rows, answer)
            assert told_right, (asked, answer.text, cells(answer))
            right[asked.kind] += 1
        else:
            assert answer.status in ("out_of_scope", "no_data", "clarify"), asked
            assert not answer.figures, asked
            assert answer.table is None, asked
    kinds = Counter(asked.kind for asked in benchmark)
    assert {kind: (right[kind], count) for kind, count in kinds.items()} == RIGHT
    assert said_back <= 10


def test_what_contradicts_the_catalogue_is_refused_by_name(insurer: Engine) -> None:
    wrong = ask(insurer, "What is the loss ratio, which is total loss divided by premium, by policy number?")
    assert wrong.status == "out_of_scope"
    assert "loss ratio as total loss divided by premium" in wrong.text
    assert (
        ask(insurer, "total loss, which is the sum of loss payment and loss reserve, by claim number").status == "out_of_scope"
    )


def test_answers_speak_the_companys_words(insurer: Engine) -> None:
    answer = ask(insurer, "premiums and number of policies by policy holder and agent")
    assert answer.table == {
        "columns": ["Policy holder", "Agent", "Premium", "Policies"],
        "rows": [["Mary Policy Holder", "2", "$98,000.00", "2"]],
    }
    assert ask(insurer, "claims for policy number 31003000337").status in ("no_data", "answered")
    assert ask(insurer, "premium of policy 31003000337").figures[0].value == 12_000
    assert ask(insurer, "how is the loss ratio calculated").text.count("Total loss over the premium")


def test_every_door_lists_them(home: Path) -> None:
    shown = CliRunner().invoke(app, ["metrics", "loss_ratio", "--workspace", str(home), "--json"])
    assert json.loads(shown.stdout)["formula"] == "total_loss / claimed_premium"
    live = Live(home)
    assert {"policies", "premium", "claims"} <= {m["name"] for m in live.catalogue()}
    with served(home) as up, up.client() as client:
        listed = client.get("/api/v1/metrics", params={"limit": 200}).json()["items"]
        assert {m["name"] for m in listed} == {m["name"] for m in live.catalogue()}
        answer = client.post("/api/v1/query", json={"metric": "premium", "by": ["policy"]}).json()
        assert {f["group"]["policy"]: f["value"] for f in answer["figures"] if f["group"]} == {
            "31003000336": 86_000,
            "31003000337": 12_000,
        }


def test_doctor_says_whether_they_are_right_and_built(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    file = tmp_path / "home" / "metrics.yaml"

    def said() -> str:
        return "\n".join(f"{f.state} {f.what} {f.todo}" for f in examine(tmp_path / "home"))

    assert "ok Own metrics: 14, own dimensions: 3" in said()
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("label: Claims", "label: Claims made"), encoding="utf-8")
    assert "note `metrics.yaml` has changed since the last build. `rapport build`" in said()
    file.write_text(text.replace("premium / policies", "premium / polices"), encoding="utf-8")
    assert "wrong" in said()
    assert "There is no metric `polices`" in said()
    with pytest.raises(BadInput, match="metric `average_policy_size`"):
        build(tmp_path / "home", load(tmp_path / "home"))
