"""Every door × role × scope × kind of thing: nothing that leaves names, counts or quotes what its reader may not see.

Doors: REST, MCP, Slack, the command line, and what is sent (digests, alerts, subscribed questions). Kinds: figures, tables, quotes,
themes, documents, choices, suggestions, errors, files, charts, links, subscriptions, old answers and more, as questions, metric
queries, pages, tools and commands. What is hidden from a reader is known here (names, ids, orders, words of comments); none of it
may be in anything that is told. The last test prints how many cells were asked, and the leaks."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import MCPError
from typer.testing import CliRunner

from integrations.cli.app import app
from knowledge.errors import RapportError
from knowledge.record_lists import KINDS as KINDS_OF_RECORDS
from tests.integrations.serving import Served, copied, served
from tests.integrations.slack.conftest import Joined, joined
from tests.integrations.test_mcp import over_http
from tests.integrations.test_rest import frame

ROLES = ("rep", "quality", "manager")
SCOPES = ("two", "one", "none")
KINDS = (
    "figure", "table", "ranking", "share", "trend", "why", "quote", "theme", "claims", "document", "choice", "suggestion", "error", "order",
    "who", "list", "stock", "brief", "question back", "count", "lapsed", "overview", "distribution",
)  # fmt: skip
QUESTIONS: dict[str, str] = {
    "figure": "revenue in 2026", "table": "revenue by customer in 2026", "ranking": "top 10 customers by orders", "share": "share of revenue by customer",
    "trend": "orders by month", "why": "why did on-time delivery fall?", "quote": "what do customers say about late delivery?",
    "theme": "what are customers complaining about?", "claims": "which complaints are borne out by the record?", "document": "what is our return policy?",
    "choice": "service", "suggestion": "revenue of {misspelt}", "error": "revenue of {hidden}", "order": "where is order {order}", "who": "who is {hidden}",
    "list": "which orders are late?", "stock": "what is in stock?", "brief": "brief on {hidden}", "question back": "{hidden}", "count": "how many customers do we have?",
    "lapsed": "which customers have not ordered lately?", "overview": "how are we doing?", "distribution": "spread of order values",
}  # fmt: skip
PATHS = (
    "/api/v1/customers?limit=200", "/api/v1/customers/{id}", "/api/v1/customers/{id}/brief", "/api/v1/customers/{name}/brief?format=md",
    "/api/v1/themes?limit=200", "/api/v1/themes/{theme}", "/api/v1/snapshots", "/api/v1/snapshots/current", "/api/v1/answers", "/api/v1/answers/{answer}",
    "/api/v1/answers/{answer}/how", "/api/v1/answers/{answer}/chart.svg", "/api/v1/subscriptions", "/api/v1/inbox", "/api/v1/metrics?limit=200", "/api/v1/me",
    "/api/v1/themes/decisions", "/api/v1/themes/queue", "/api/v1/audit", "/api/v1/imports", "/api/v1/quarantine",
    "/api/v1/customers/{mine}", "/api/v1/customers/{mine}/brief", "/api/v1/customers/{mine}/brief?format=md",
    "/api/v1/customers/{mine}/brief?format=html", "/api/v1/customers/{mine}/brief?format=docx", "/api/v1/customers/{mine}/brief?format=pdf",
    "/api/v1/home", "/api/v1/home/attention", "/api/v1/home/promises", "/api/v1/accounts?limit=200", "/api/v1/accounts?format=csv", "/api/v1/voice/board",
    "/api/v1/voice/themes/{theme}", "/api/v1/voice/themes/{theme}/comments", "/api/v1/voice/queue", "/api/v1/voice/topics", "/api/v1/voice/decisions",
    "/api/v1/threads", "/api/v1/threads/none", "/api/v1/shared/{answer}", "/api/v1/answers/{answer}/table.xlsx", "/api/v1/people",
    "/api/v1/people/subscriptions", "/api/v1/audit/search", "/api/v1/audit/chain", "/api/v1/imports/scheduled", "/api/v1/quarantine/rows",
    "/api/v1/quarantine/export", "/api/v1/jobs/last", "/api/v1/snapshots/build", "/api/v1/mappings", "/api/v1/metrics/revenue", "/api/v1/feedback/intake/1",
)  # fmt: skip
TELLS_OF_NOBODY = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/docs",
    "/favicon.ico",
    "/api/v1/session",
    "/api/v1/session/company",
    "/api/v1/session/company/back",
}
"""Addresses that tell of no customer."""
QUERIES: tuple[dict[str, Any], ...] = (
    {"metric": "revenue", "by": ["customer"]}, {"metric": "orders", "by": ["customer", "region"]}, {"metric": "orders", "where": [{"dimension": "customer", "values": ["{id}"]}]},
    {"metric": "orders", "where": [{"dimension": "customer", "values": ["{name}"], "negated": True}]}, {"metric": "feedback_count", "by": ["theme"]},
    {"metric": "first_response_hours", "by": ["agent"]}, {"metric": "gross_margin", "by": ["customer"]}, {"metric": "revenue", "by": ["account_owner"]},
)  # fmt: skip


TOOLS: tuple[tuple[str, dict[str, Any]], ...] = (
    *(("ask", {"question": QUESTIONS[kind]}) for kind in KINDS),
    *(("query_metric", {**q, "where": {w["dimension"]: w["values"] for w in q.get("where", ())}}) for q in QUERIES),
    ("account_brief", {"customer": "{name}"}), ("account_brief", {"customer": "{id}", "form": "data"}), ("account_brief", {"customer": "{mine}"}),
    ("themes", {}), ("themes", {"theme": "{theme}"}), ("list_metrics", {}), ("search_feedback", {"query": "late delivery", "limit": 50}),
    ("search_feedback", {"query": "late delivery", "customer_id": "{id}"}),
)  # fmt: skip
RESOURCES = ("metric://revenue", "documents://all", "document://{document}")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("ask", "revenue by customer in 2026"), ("ask", "brief on {hidden}"), ("query", "orders", "--by", "customer"), ("brief", "{hidden}"),
    ("brief", "{mine}", "--format", "md"), ("themes",),
)  # fmt: skip
SENT = (
    ("question", "revenue by customer in 2026"),
    ("question", "what are customers complaining about?"),
    ("digest", ""),
    ("alerts", ""),
)
SLACK = (
    "brief {hidden}",
    "brief {mine}",
    "themes",
    "ask revenue by customer",
    "subscribe orders of {hidden} every day at 8",
    "subscribe list",
)
ASKED: dict[str, int] = {}
LEAKS: list[str] = []


def told(door: str, found: dict[str, list[str]]) -> None:
    """Counts the cells, keeps the leaks for the last test, and fails where there are any."""
    ASKED[door] = ASKED.get(door, 0) + len(found)
    leaked = {k: v for k, v in found.items() if v}
    LEAKS.extend(leaked)
    assert leaked == {}


@dataclass(frozen=True)
class Hidden:
    """What a reader must not be told, and what it is asked about with."""

    words: frozenset[str]
    about: dict[str, str]


@pytest.fixture(scope="module")
def door(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(copied(company, tmp_path_factory.mktemp("matrix"))) as up:
        ids = sorted(frame(up, "orders")["customer_id"].unique())
        scopes = {"two": ",".join(ids[:2]), "one": ids[2], "none": "nobody-at-all"}
        for role in ROLES:
            for scope in SCOPES:
                name = f"{role} {scope}"
                up.live.state.add_user(name, role, accounts=scopes[scope])
                up.tokens[name] = up.live.state.new_token(name)
        for comment in frame(up, "feedback").drop_duplicates("customer_id")[
            "feedback_id"
        ]:  # what others did tells of theirs too
            up.live.state.decide("move", {"feedback_id": comment, "from": "T001", "into": "T002"}, "Ann")
            up.live.state.correct(comment, 0, 1, "Ann", aspect=None)
        up.live.state.subscribe("Ann", "digest", frame(up, "customers")["name"].iloc[-1], {"every": "week"}, "web")
        yield up


def hidden_of(door: Served, name: str) -> Hidden:
    user = door.live.state.user(name)
    assert user is not None
    seen = door.live.scope(user).accounts or frozenset()
    customers, orders, feedback = (frame(door, n) for n in ("customers", "orders", "feedback_text"))
    comments = frame(door, "feedback")
    theirs = customers[~customers["customer_id"].isin(seen)]
    own = customers[customers["customer_id"].isin(seen)]
    foreign = orders[~orders["customer_id"].isin(seen)]
    unseen = comments[~comments["customer_id"].isin(seen)]["feedback_id"]
    texts = feedback[feedback["feedback_id"].isin(unseen)]["text"].dropna()
    mine = set(feedback[~feedback["feedback_id"].isin(unseen)]["text"].dropna())
    names = {n for n in theirs["name"] if not any(n in m for m in own["name"])}
    words = {
        *names,
        *theirs["customer_id"],
        *foreign["order_id"],
        *unseen,
        *(t for t in texts if len(t) > 25 and t not in mine),
    }
    one = theirs[theirs["customer_id"].isin(orders["customer_id"])].iloc[0]
    about = {
        "hidden": one["name"], "name": one["name"], "id": one["customer_id"], "order": foreign["order_id"].iloc[0], "misspelt": one["name"][:-1],
        "theme": frame(door, "themes")["theme_id"].iloc[0], "answer": "nobody", "mine": next(iter(sorted(seen)), "nobody"),
        "document": frame(door, "documents")["document_id"].iloc[0],
    }  # fmt: skip
    return Hidden(frozenset(words), about)


def leaks(said: str, hidden: Hidden, asked: str = "") -> list[str]:
    """Hidden words in what was said, but those that the asker said first."""
    tokens = set(re.findall(r"[A-Za-z0-9][\w-]*", said))
    return [w for w in hidden.words if w not in asked and (w in tokens if re.fullmatch(r"[\w-]+", w) else w in said)]


def filled(value: Any, about: dict[str, str]) -> Any:
    text = json.dumps(value)
    for key, word in about.items():
        text = text.replace("{" + key + "}", word)
    return json.loads(text)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scope", SCOPES)
def test_rest_leaks_nothing(door: Served, role: str, scope: str) -> None:
    hidden = hidden_of(door, f"{role} {scope}")
    found: dict[str, list[str]] = {}
    asked = ""
    with door.client(f"{role} {scope}") as client:
        for kind in KINDS:
            question = QUESTIONS[kind].format(**hidden.about)
            asked += f"{question}\n"
            got = client.post("/api/v1/ask", json={"question": question})
            assert got.status_code == 200, (kind, got.text)
            said = {k: v for k, v in got.json().items() if k not in ("plan", "id", "snapshot")}
            found[f"ask {kind}"] = leaks(json.dumps(said, ensure_ascii=False), hidden, question)
            hidden.about["answer"] = got.json()["id"] if got.json()["status"] == "answered" else hidden.about["answer"]
        for query in QUERIES:
            body = filled(query, hidden.about)
            got = client.post("/api/v1/query", json=body)
            assert got.status_code < 500, got.text
            found[f"query {body}"] = leaks(got.text, hidden, json.dumps(body))
        for path in PATHS:
            at = path.format(**hidden.about)
            got = client.get(at)
            assert got.status_code < 500, (at, got.text)
            found[at] = leaks(said_in(got), hidden, f"{asked}{at}")
    told("rest", found)


def test_every_address_that_can_be_read_is_asked(door: Served) -> None:
    described = httpx.get(f"{door.url}/openapi.json").json()["paths"]
    read = {path for path, ways in described.items() if "get" in ways} - TELLS_OF_NOBODY
    asked = {p.partition("?")[0] for p in PATHS}
    fits = {path for path in read if any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), a) for a in asked)}
    assert read - fits == set()


def test_what_others_decided_is_nobody_elses_to_read_or_undo_who_sees_some_accounts(door: Served) -> None:
    theirs = door.live.state.decisions()[-1].id
    with door.client("quality two") as client:
        assert client.get("/api/v1/themes/decisions").json()["items"] == []
        assert client.delete(f"/api/v1/voice/decisions/{theirs}").status_code == 403
    assert not [d for d in door.live.state.decisions() if d.kind == "undo"]
    with door.client() as ann:
        assert ann.get("/api/v1/themes/decisions").json()["total"] >= theirs - 1


def said_in(response: httpx.Response) -> str:
    """What a person reads of it: of files their words."""
    kind = response.headers.get("content-type", "")
    if "pdf" in kind:
        from pypdf import PdfReader

        return "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(response.content)).pages)
    if "officedocument" in kind:
        with zipfile.ZipFile(io.BytesIO(response.content)) as packed:
            return "\n".join(
                re.sub(r"<[^>]+>", "", packed.read(n).decode("utf-8", "replace"))
                for n in packed.namelist()
                if n.endswith(".xml")
            )
    return response.text


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scope", SCOPES)
def test_mcp_leaks_nothing(door: Served, role: str, scope: str) -> None:
    hidden = hidden_of(door, f"{role} {scope}")
    found: dict[str, list[str]] = {}

    async def scenario(client: Any) -> None:
        for tool, given in TOOLS:
            asked = filled(given, hidden.about)
            got = await client.call_tool(tool, asked)
            said = json.dumps(got.structured_content or {}, default=str, ensure_ascii=False)
            said += str([getattr(c, "text", "") for c in got.content])
            if tool == "ask":
                said = re.sub(
                    r'\\?"plan\\?".*',
                    "",
                    json.dumps({k: v for k, v in (got.structured_content or {}).items() if k != "plan"}, default=str),
                )
            found[f"{tool} {asked}"] = leaks(said, hidden, json.dumps(asked, ensure_ascii=False))
        for uri in RESOURCES:
            at = uri.format(**hidden.about)
            try:
                text = str([c.text for c in (await client.read_resource(at)).contents])
            except MCPError as err:
                text = str(err)
            found[at] = leaks(text, hidden, at)

    over_http(door, f"{role} {scope}", scenario)
    told("mcp", found)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scope", SCOPES)
def test_the_command_line_leaks_nothing(door: Served, role: str, scope: str) -> None:
    name = f"{role} {scope}"
    hidden = hidden_of(door, name)
    found: dict[str, list[str]] = {}
    for words in COMMANDS:
        given = [w.format(**hidden.about) for w in words]
        done = CliRunner().invoke(app, [*given, "--as", name, "--workspace", str(door.live.folder)])
        assert done.exception is None or isinstance(done.exception, SystemExit | RapportError), given
        said = done.output + (str(done.exception.__dict__) if isinstance(done.exception, RapportError) else "")
        found[" ".join(given)] = leaks(" ".join(said.split()), hidden, " ".join(given))
    told("command line", found)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scope", SCOPES)
def test_what_is_sent_leaks_nothing(door: Served, role: str, scope: str) -> None:
    """Questions, a digest and alerts that somebody is sent, read in their inbox."""
    name = f"{role} {scope}"
    hidden, found = hidden_of(door, name), {}
    numbers = [door.live.state.subscribe(name, kind, what, {"every": "day"}, "web") for kind, what in SENT]
    post = door.live.home.post()
    post.run(datetime.now(UTC) + timedelta(days=2))
    post.deliver(datetime.now(UTC) + timedelta(days=2))
    for number in numbers:
        door.live.state.unsubscribe(number, name)
    said = json.dumps(post.inbox(name), ensure_ascii=False, default=str)
    assert "subject" in said or "title" in said or scope == "none", said[:500]
    for kind, what in SENT:
        found[f"{kind} {what}"] = leaks(said, hidden, what)
    told("sent", found)


@pytest.fixture(scope="module")
def slack(company: Path, tmp_path_factory: pytest.TempPathFactory, door: Served) -> Iterator[Joined]:
    """Everybody of the matrix in a Slack of our own, over a workspace like the other."""
    with joined(copied(company, tmp_path_factory.mktemp("matrix-slack"))) as up:
        for user in door.live.state.users():
            up.live.state.add_user(
                user.name, user.role, accounts=user.accounts, email=f"{user.name.replace(' ', '.').lower()}@firm.example"
            )
            up.fake.person(slack_id(user.name), f"{user.name.replace(' ', '.').lower()}@firm.example")
        yield up


def slack_id(name: str) -> str:
    return f"U0{name.replace(' ', '').upper()}"


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scope", SCOPES)
def test_slack_leaks_nothing(door: Served, slack: Joined, role: str, scope: str) -> None:
    name = f"{role} {scope}"
    hidden, user = hidden_of(door, name), slack_id(name)
    channel, found = f"D{user[1:]}", {}
    asked = {kind: QUESTIONS[kind].format(**hidden.about) for kind in KINDS}
    events = {kind: slack.fake.says(channel, user, text) for kind, text in asked.items()}
    slack.send(*events.values())
    slack.until(lambda: slack.live.state.pending("slack") == 0, 120)
    answers = slack.fake.answers(channel)
    for kind, event in events.items():
        mine = [m for m in answers if m.get("thread_ts") == event["event"]["ts"]]
        assert mine, kind
        said = [
            json.dumps([b for b in m.get("blocks") or () if b["type"] != "image"], ensure_ascii=False) + m["text"] for m in mine
        ]
        found[kind] = leaks(re.sub(r'"value": "(?:[^"\\\\]|\\\\.)*"', "", " ".join(said)), hidden, asked[kind])
    known = ""
    for words in SLACK:
        text, before = words.format(**hidden.about), {m["ts"] for m in slack.fake.answers(channel)}
        at_once = str(slack.send(slack.fake.command(user, channel, text))[0][2])
        slack.until(lambda: slack.live.state.pending("slack") == 0, 60)
        later = [m for m in slack.fake.answers(channel) if m["ts"] not in before]
        known += f"{text}\n"  # what somebody subscribed to is listed in their own words
        found[f"/rapport {text}"] = leaks(at_once + json.dumps(later, ensure_ascii=False), hidden, known)
    slack.fake.homes.pop(user, None)
    slack.send(
        slack.fake.wrapped(
            {"type": "app_home_opened", "user": user, "channel": channel, "tab": "home", "event_ts": slack.fake.stamp()}
        )
    )
    home = json.dumps(slack.until(lambda: slack.fake.homes.get(user)), ensure_ascii=False)
    home = home.replace("brief Acme Industrial", "")  # the example of the welcome
    found["home"] = leaks(home, hidden, "\n".join([*asked.values(), known]))
    files = " ".join(said_in_file(f) for f in slack.fake.files.values() if f.get("channel_id") == channel)
    found["files"] = leaks(files, hidden)
    told("slack", found)


def said_in_file(file: dict[str, Any]) -> str:
    content = file.get("content") or b""
    if content.startswith(b"%PDF"):
        from pypdf import PdfReader

        return "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(content)).pages)
    return content.decode("utf-8", "replace") if not content.startswith(b"\x89PNG") else ""


def test_hidden_and_unknown_are_told_in_the_same_words(door: Served) -> None:
    hidden = hidden_of(door, "rep two")
    unknown = {"{hidden}": "Zzyzx Quarry", "{order}": hidden.about["order"][:-1] + "X"}
    with door.client("rep two") as client:
        for question in ("revenue of {hidden}", "who is {hidden}", "brief on {hidden}", "where is order {order}"):
            key = re.search(r"\{\w+\}", question)
            assert key is not None
            said = []
            for word in (hidden.about[key[0][1:-1]], unknown[key[0]]):
                got = client.post("/api/v1/ask", json={"question": question.replace(key[0], word)}).json()
                said.append((got["status"], re.sub(re.escape(word), "…", got["text"], flags=re.IGNORECASE)))
            assert said[0] == said[1], question
        pairs = [
            client.get(f"/api/v1/customers/{who}{tail}") for tail in ("", "/brief") for who in (hidden.about["id"], "C-none")
        ]
        for one, other in zip(pairs[::2], pairs[1::2], strict=True):
            assert one.status_code == other.status_code
            assert one.json()["detail"].replace(hidden.about["id"], "…") == other.json()["detail"].replace("C-none", "…")


def test_a_rep_sees_nothing_commercial_or_personal_at_any_door(door: Served) -> None:
    commercial = [m["name"] for m in door.live.catalogue() if m["sensitivity"] != "open"]
    agents = set(frame(door, "interactions")["agent"].dropna())
    with door.client("rep two") as client:
        for metric in commercial:
            got = client.post("/api/v1/query", json={"metric": metric})
            assert got.status_code in (403, 404, 422), (metric, got.text)
            asked = client.post("/api/v1/ask", json={"question": f"{metric.replace('_', ' ')} by customer"}).json()
            assert not any(f["metric"] == metric for f in asked["figures"]), metric
    door.live.state.add_user("Una", "rep", accounts="all")
    door.tokens["Una"] = door.live.state.new_token("Una")
    agents -= set(frame(door, "customers")["account_owner"].dropna())  # who owns an account is open
    listed = [
        f"{said} {kind.noun}s" for kind in KINDS_OF_RECORDS.values() for said in (*(s.said for s in kind.states.values()), "")
    ]
    with door.client("Una") as una:
        for question in ("who answers fastest?", "first response by agent", "which agent has the most contacts?", *listed):
            said = una.post("/api/v1/ask", json={"question": question})
            assert not [a for a in agents if a in said.text], question
        busiest = frame(door, "interactions")["customer_id"].value_counts().index[0]
        told = una.get(f"/api/v1/customers/{busiest}/brief").text + una.get(f"/api/v1/customers/{busiest}").text
        assert not [a for a in agents if a in told]


def test_an_old_answer_is_opened_with_the_rights_of_today(door: Served) -> None:
    door.live.state.add_user("Moe", "manager", accounts="all")
    door.tokens["Moe"] = door.live.state.new_token("Moe")
    with door.client("Moe") as moe:
        said = moe.post("/api/v1/query", json={"metric": "gross_margin", "by": ["customer"]}).json()
        path = f"/api/v1/answers/{said['id']}"
        assert moe.get(path).status_code == 200
        for changed in ({"role": "rep"}, {"role": "manager", "accounts": "nobody-at-all"}):
            door.live.state.add_user("Moe", **{"role": "manager", "accounts": "all", **changed})
            for tail in ("", "/how", "/chart.svg"):
                got = moe.get(path + tail)
                assert (got.status_code, got.json()["code"]) == (403, "rights_changed"), tail
        door.live.state.add_user("Moe", "manager", accounts="all")
        assert moe.get(path).status_code == 200


def test_a_thread_goes_on_from_nothing_that_is_hidden_today(door: Served) -> None:
    customers = frame(door, "customers").set_index("customer_id")["name"]
    mine, lost = (frame(door, "orders")["customer_id"].value_counts().index[n] for n in (0, 1))
    door.live.state.add_user("Moa", "rep", accounts=f"{mine},{lost}")
    door.tokens["Moa"] = door.live.state.new_token("Moa")
    with door.client("Moa") as moa:

        def said(question: str) -> str:
            got = moa.post("/api/v1/ask", json={"question": question, "conversation": "one"}).json()
            return json.dumps({k: v for k, v in got.items() if k not in ("plan", "id")}, ensure_ascii=False)

        assert customers[mine] in said(f"orders of {customers[mine]} in 2026")
        assert customers[lost] in said(f"orders of {customers[lost]} in 2026")
        door.live.state.add_user("Moa", "rep", accounts=mine)
        told = said("by month")
    assert lost not in told
    assert customers[lost] not in told
    assert customers[mine] in told


def test_every_answer_query_brief_and_export_is_in_the_log(door: Served) -> None:
    def told() -> list[tuple[str, Any]]:
        return [(e.action, e.detail) for e in door.live.state.audit_log(10) if e.principal == "Quinn"]

    with door.client("Quinn") as quinn:
        asked = quinn.post("/api/v1/ask", json={"question": "orders by month in 2026"}).json()
        assert told()[0][1]["answer"] == asked["id"]
        queried = quinn.post("/api/v1/query", json={"metric": "orders"}).json()
        assert told()[0][1]["answer"] == queried["id"]
        customer = frame(door, "orders")["customer_id"].iloc[0]
        assert quinn.get(f"/api/v1/customers/{customer}/brief?format=md").status_code == 200
        assert [a for a, _ in told()[:2]] == ["export", "brief"]
        quinn.get(f"/api/v1/answers/{asked['id']}/chart.svg")
        assert told()[0][0] == "export"
        assert ("login", {"door": "rest", "address": "127.0.0.1"}) in told()
    with door.client() as ann:
        assert ann.get("/api/v1/audit/chain").json()["holds"]
    assert httpx.get(f"{door.url}/api/v1/me", headers={"Authorization": "Bearer rpt_none"}).status_code == 401
    assert any(e.action == "login refused" for e in door.live.state.audit_log(20))


def size() -> dict[str, int]:
    """Cells by door, as the lists above make them."""
    people = len(ROLES) * len(SCOPES)
    each = {
        "rest": len(KINDS) + len(QUERIES) + len(PATHS), "mcp": len(TOOLS) + len(RESOURCES), "slack": len(KINDS) + len(SLACK) + 2,
        "command line": len(COMMANDS), "sent": len(SENT),
    }  # fmt: skip
    return {door: people * count for door, count in each.items()}


def test_the_matrix_is_as_large_as_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(QUESTIONS) == set(KINDS)
    assert sum(size().values()) >= 1_200
    with capsys.disabled():
        asked = ", ".join(f"{door} {count}" for door, count in ASKED.items()) or "nothing in this run"
        sys.stdout.write(f"\nThe matrix has {sum(size().values())} cells (asked: {asked}); {len(LEAKS)} leaks.\n")
    assert {door: count for door, count in ASKED.items() if count > size()[door]} == {}
    assert LEAKS == []
