"""REST over a real server: answers, rights, errors in words, and nothing taken in twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from typing import Any

import httpx
import pandas as pd
import pytest

from integrations.telemetry import JsonLines
from integrations.web.context import Rate, TooMany
from knowledge.access import Reader, Scope
from knowledge.snapshot import current
from tests.integrations.serving import Served


def frame(rest: Served, name: str) -> pd.DataFrame:
    return Reader(rest.live.folder, current(rest.live.folder), Scope.of_role("admin")).frame(name)


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["detail"]
    return response.status_code, body["code"]


def test_an_answer_its_how_and_its_chart(rest: Served) -> None:
    with rest.client() as ann:
        said = ann.post("/api/v1/ask", json={"question": "revenue by region in 2026", "conversation": "t1"}).json()
        assert said["status"] == "answered"
        lines, orders = frame(rest, "order_lines"), frame(rest, "orders")
        wanted = lines.merge(orders[(orders["status"] != "cancelled") & (orders["ordered_at"].dt.year == 2026)], on="order_id")
        value = (
            wanted["qty_ordered"].astype(float) * wanted["unit_price"].astype(float)
            - wanted["discount"].astype(float).fillna(0)
        ).sum()
        groups = [f for f in said["figures"] if f["group"]]
        assert sum(f["value"] for f in groups) == pytest.approx(value, abs=0.05)
        kept = ann.get(f"/api/v1/answers/{said['id']}")
        assert kept.json()["table"] == said["table"]
        how = ann.get(f"/api/v1/answers/{said['id']}/how").json()
        assert how["definitions"][0]["definition"]
        assert "SELECT" in how["queries"][0]["sql"].upper()
        chart = ann.get(f"/api/v1/answers/{said['id']}/chart.svg")
        assert chart.headers["content-type"].startswith("image/svg+xml")
        assert chart.text.startswith("<svg")
        assert (
            ann.post(f"/api/v1/answers/{said['id']}/opinion", json={"useful": False, "reason": "wrong year"}).status_code == 204
        )
        assert ann.get("/api/v1/audit?limit=1").json()["items"][0]["detail"]["reason"] == "wrong year"
    with rest.client("Max") as other:
        assert problem(other.get(f"/api/v1/answers/{said['id']}")) == (404, "unknown_name")


def test_a_conversation_is_the_callers_own(rest: Served) -> None:
    with rest.client() as ann, rest.client("Max") as max_:
        ann.post("/api/v1/ask", json={"question": "revenue in 2026", "conversation": "same"})
        followed = ann.post("/api/v1/ask", json={"question": "by region", "conversation": "same"}).json()
        alone = max_.post("/api/v1/ask", json={"question": "by region", "conversation": "same"}).json()
    assert followed["figures"][0]["metric"] == "revenue"
    assert not any(f["metric"] == "revenue" for f in alone["figures"])


def test_events_tell_progress_and_end_with_one_answer(rest: Served) -> None:
    events: list[tuple[str, Any]] = []
    with (
        rest.client() as ann,
        ann.stream("POST", "/api/v1/ask", json={"question": "orders in 2026"}, headers={"Accept": "text/event-stream"}) as got,
    ):
        assert got.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in got.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                events.append((name, json.loads(line[6:])))
    assert [n for n, _ in events] == ["progress", "progress", "answer"]
    assert events[-1][1]["status"] == "answered"


def test_queries_and_their_errors(rest: Served) -> None:
    with rest.client() as ann:
        said = ann.post(
            "/api/v1/query", json={"metric": "orders", "by": ["region"], "period": "2026", "order": "desc", "limit": 2}
        ).json()
        assert len([f for f in said["figures"] if f["group"]]) == 2
        span = {"start": "2026-01-01", "end": "2026-12-31"}
        same = ann.post(
            "/api/v1/query", json={"metric": "orders", "by": ["region"], "period": span, "order": "desc", "limit": 2}
        ).json()
        assert [f["value"] for f in same["figures"]] == [f["value"] for f in said["figures"]]
        assert "SELECT" in ann.post("/api/v1/query/explain", json={"metric": "orders"}).json()["sql"].upper()
        assert problem(ann.post("/api/v1/query", json={"metric": "magic"})) == (404, "unknown_metric")
        assert problem(ann.post("/api/v1/query", json={"metric": "orders", "by": ["moon"]})) == (422, "no_dimension")
        assert problem(ann.post("/api/v1/query", json={"metric": "orders", "period": "whenever"})) == (422, "bad_question")
        assert problem(
            ann.post("/api/v1/query", json={"metric": "orders", "period": {"start": "2026-02-01", "end": "2026-01-01"}})
        ) == (422, "bad_request")
        assert problem(ann.post("/api/v1/query", content=b"{", headers={"content-type": "application/json"})) == (
            422,
            "bad_json",
        )
        assert problem(ann.get("/api/v1/nothing")) == (404, "not_found")
        assert problem(ann.put("/api/v1/ask")) == (405, "wrong_method")


def test_nobody_comes_in_without_a_token(rest: Served) -> None:
    with rest.client(None) as nobody:
        for path, item in nobody.get("/openapi.json").json()["paths"].items():
            for method in item:
                if path.startswith("/api/") and not path.endswith("webhook") and not path.startswith("/api/v1/session"):
                    body = {"json": {}} if method == "post" else {}
                    got = nobody.request(method, path.replace("{", "").replace("}", ""), **body)
                    assert got.status_code == 401, f"{method} {path}"
                    assert got.headers["www-authenticate"] == "Bearer"
        assert problem(nobody.get("/api/v1/me", headers={"Authorization": "Bearer rpt_none"})) == (401, "bad_token")
        session = nobody.get("/api/v1/session").json()  # the way in: it tells a stranger how one signs in, and nothing else
        assert (session["signed_in"], "name" in session) == (False, False)
        assert nobody.post("/api/v1/session", json={}).status_code in (401, 422)


def test_a_rep_sees_own_accounts_and_no_margins(rest: Served) -> None:
    with rest.client("Rita") as rita, rest.client("Rob") as rob, rest.client() as ann:
        mine = rita.get("/api/v1/customers").json()
        assert mine["total"] == 2
        assert rob.get("/api/v1/customers").json() == {"items": [], "next": None, "total": 0}
        others = next(
            c
            for c in ann.get("/api/v1/customers?limit=200").json()["items"]
            if c["customer_id"] not in {m["customer_id"] for m in mine["items"]}
        )
        assert problem(rita.get(f"/api/v1/customers/{others['customer_id']}")) == (404, "unknown_name")
        assert others["name"] not in rita.get(f"/api/v1/customers/{others['name']}").text.replace(f"`{others['name']}`", "")
        whole = ann.post("/api/v1/query", json={"metric": "orders"}).json()["figures"][0]["value"]
        part = rita.post("/api/v1/query", json={"metric": "orders"}).json()["figures"][0]["value"]
        assert 0 < part < whole
        assert problem(rita.post("/api/v1/query", json={"metric": "recovery_rate"})) == (403, "not_allowed")
        for path in ("imports", "audit", "quarantine", "snapshots/build", "themes/decisions"):
            assert problem(rita.get(f"/api/v1/{path}")) == (403, "not_allowed")
        assert problem(rita.post("/api/v1/snapshots")) == (403, "not_allowed")


def test_pages_and_tags(rest: Served) -> None:
    with rest.client() as ann:
        seen, cursor = [], None
        while True:
            got = ann.get("/api/v1/customers", params={"limit": 7, **({"cursor": cursor} if cursor else {})})
            seen += [c["customer_id"] for c in got.json()["items"]]
            cursor = got.json()["next"]
            if cursor is None:
                break
            assert got.links["next"]["url"].endswith(f"cursor={cursor}")
        assert len(seen) == len(set(seen)) == got.json()["total"]
        again = ann.get("/api/v1/customers", headers={"If-None-Match": ann.get("/api/v1/customers").headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert problem(ann.get("/api/v1/customers?cursor=zzz")) == (422, "bad_cursor")
        assert problem(ann.get("/api/v1/customers?limit=0")) == (422, "bad_request")


def test_a_reviewer_decides_about_themes(rest: Served) -> None:
    with rest.client("Quinn") as quinn, rest.client("Rita") as rita:
        themes = quinn.get("/api/v1/themes?limit=3").json()["items"]
        one, two = themes[0]["theme_id"], themes[1]["theme_id"]
        made = quinn.post(f"/api/v1/themes/{one}/decisions", json={"kind": "rename", "name": "Crushed corners"})
        assert (made.status_code, made.json()["kind"]) == (201, "rename")
        assert (
            quinn.post(f"/api/v1/themes/{two}/decisions", json={"kind": "merge", "into": one}).json()["revision"]
            == made.json()["revision"] + 1
        )
        assert quinn.get("/api/v1/themes/decisions").json()["items"][0]["into"] == one
        assert problem(quinn.post(f"/api/v1/themes/{one}/decisions", json={"kind": "merge"})) == (422, "bad_request")
        assert problem(quinn.post("/api/v1/themes/none/decisions", json={"kind": "approve"})) == (404, "unknown_name")
        assert problem(rita.post(f"/api/v1/themes/{one}/decisions", json={"kind": "approve"})) == (403, "not_allowed")
        assert quinn.get("/api/v1/themes/queue").status_code == 200


@pytest.mark.parametrize(("form", "start"), [("md", b"#"), ("html", b"<!"), ("docx", b"PK"), ("pdf", b"%PDF"), ("json", b"{")])
def test_a_brief_in_every_form(rest: Served, form: str, start: bytes) -> None:
    with rest.client("Rita") as rita:
        mine = rita.get("/api/v1/customers").json()["items"][0]["customer_id"]
        got = rita.get(f"/api/v1/customers/{mine}/brief", params={"format": form})
        assert got.content.lower().startswith(start.lower())
        assert problem(rita.get("/api/v1/customers/nobody/brief", params={"format": form}))[0] == 404


def loaded(client: httpx.Client, work: int) -> dict[str, Any]:
    for _ in range(200):
        got = client.get(f"/api/v1/feedback/intake/{work}")
        if got.status_code == 200:
            return dict(got.json())
        time.sleep(0.05)
    raise AssertionError("never loaded")


def test_comments_are_taken_in_once_and_every_one_is_accounted_for(rest: Served) -> None:
    customer = frame(rest, "customers")["customer_id"].iloc[0]
    batch = {"comments": [
        {"feedback_id": "S-1", "text": "Late again", "customer_id": customer, "rating": 2, "rating_scale": "1-5"},
        {"feedback_id": "S-2", "text": "Who am I?", "customer_id": "nobody"}, {"feedback_id": "S-3", "nps": 9},
    ]}  # fmt: skip
    with rest.client("Rita") as rita, rest.client("Rob") as rob:
        first = rita.post("/api/v1/feedback/batch", json=batch, headers={"Idempotency-Key": "k1"})
        assert first.status_code == 202
        again = rita.post("/api/v1/feedback/batch", json=batch, headers={"Idempotency-Key": "k1"}).json()
        assert (again["id"], again["state"], again["accepted"]) == (first.json()["id"], "repeated", 3)
        became = loaded(rita, first.json()["id"])
        assert (became["loaded"], became["quarantined"]) == (
            2,
            [{"feedback_id": "Rita:S-2", "reason": "unknown `customer_id`"}],
        )
        assert problem(rob.get(f"/api/v1/feedback/intake/{first.json()['id']}")) == (404, "not_loaded")
        assert problem(rita.post("/api/v1/feedback", json={"text": "  "})) == (422, "bad_request")
    from knowledge.tables import Store

    rows = Store(rest.live.folder / "tables").read("feedback").to_pandas()
    assert sorted(i for i in rows["feedback_id"] if "S-" in i) == ["Rita:S-1", "Rita:S-3"]


def test_a_webhook_needs_its_signature(rest: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"comments": [{"feedback_id": "W-1", "text": "Box was wet"}]}).encode()

    def signed(secret: str, stamp: float, content: bytes = body) -> dict[str, str]:
        moment = str(int(stamp))
        return {
            "X-Rapport-Timestamp": moment,
            "X-Rapport-Signature": "sha256="
            + hmac.new(secret.encode(), f"{moment}.".encode() + content, hashlib.sha256).hexdigest(),
        }

    with rest.client(None) as sender:
        monkeypatch.delenv("RAPPORT_WEBHOOK_SECRET", raising=False)
        assert problem(sender.post("/api/v1/feedback/webhook", content=body, headers=signed("s", time.time()))) == (
            404,
            "no_webhook",
        )
        monkeypatch.setenv("RAPPORT_WEBHOOK_SECRET", "s3cret")
        for wrong in (
            {},
            signed("other", time.time()),
            signed("s3cret", time.time() - 3600),
            signed("s3cret", time.time(), b"{}"),
        ):
            assert problem(sender.post("/api/v1/feedback/webhook", content=body, headers=wrong)) == (401, "bad_signature")
        right = sender.post("/api/v1/feedback/webhook", content=body, headers=signed("s3cret", time.time()))
        assert (right.status_code, right.json()["accepted"]) == (202, 1)
        assert (
            sender.post("/api/v1/feedback/webhook", content=body, headers=signed("s3cret", time.time())).json()["state"]
            == "repeated"
        )
        bad = b'{"comments": []}'
        assert problem(sender.post("/api/v1/feedback/webhook", content=bad, headers=signed("s3cret", time.time(), bad))) == (
            422,
            "bad_request",
        )


def test_an_upload_says_where_every_row_went(rest: Served) -> None:
    content = b"feedback_id,text,at,channel\nU-1,Fine,2026-01-02,survey\n,,2026-01-02,survey\n"
    with rest.client() as ann:
        got = ann.post("/api/v1/imports", files={"files": ("feedback.csv", content)}, data={"mapping": "canonical"})
        assert got.status_code == 201
        assert (got.json()["rows_in"], got.json()["loaded"], got.json()["quarantined"]) == (2, 1, 1)
        assert ann.get("/api/v1/imports?limit=1").json()["items"][0]["id"] == got.json()["id"]
        assert problem(
            ann.post("/api/v1/imports", files={"files": ("x.csv", b"a,b\n1,2\n")}, data={"mapping": "canonical"})
        ) == (
            422,
            "no_table",
        )
        assert problem(
            ann.post("/api/v1/imports", files={"files": ("feedback.csv", content)}, data={"mapping": "../secret"})
        ) == (422, "bad_request")


def test_subscriptions_are_the_callers_own(rest: Served) -> None:
    with rest.client("Rita") as rita, rest.client("Rob") as rob:
        made = rita.post("/api/v1/subscriptions", json={"kind": "digest", "schedule": {"every": "week"}, "channel": "C1"})
        assert made.status_code == 201
        wrong = {"kind": "digest", "schedule": {"every": "fortnight"}, "channel": "web"}
        assert problem(rita.post("/api/v1/subscriptions", json=wrong)) == (422, "bad_schedule")
        assert rita.get("/api/v1/inbox").json()["items"] == []
        assert [s["id"] for s in rita.get("/api/v1/subscriptions").json()["items"]] == [made.json()["id"]]
        assert problem(rob.delete(f"/api/v1/subscriptions/{made.json()['id']}")) == (404, "unknown_name")
        assert rita.delete(f"/api/v1/subscriptions/{made.json()['id']}").status_code == 204


def test_health_measures_and_headers(rest: Served) -> None:
    with rest.client(None) as nobody:
        assert nobody.get("/healthz").json() == {"status": "ok"}
        assert nobody.get("/readyz").json() == {"status": "ready"}
        text = nobody.get("/metrics").text
        assert 'rapport_http_requests_total{method="GET",route="/healthz",status="200"}' in text
        page = nobody.get("/")
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"


def test_logs_tell_nothing_of_a_person() -> None:
    record = logging.LogRecord("rapport.web", logging.INFO, "f", 1, "request", (), None)
    record.route, record.status, record.principal, record.question = "/api/v1/ask", 200, "Ann", "what about Ann?"
    line = json.loads(JsonLines().format(record))
    assert (line["route"], line["status"]) == ("/api/v1/ask", 200)
    assert "Ann" not in json.dumps(line)


def test_the_rate_is_a_bucket_a_caller() -> None:
    rate = Rate(per_minute=60)
    for _ in range(30):
        rate.take("a", now=100.0)
    with pytest.raises(TooMany):
        rate.take("a", now=100.0)
    rate.take("b", now=100.0)
    rate.take("a", now=101.0)
    with pytest.raises(TooMany) as over:
        rate.take("a", now=101.0)
    assert over.value.wait == pytest.approx(1.0)
