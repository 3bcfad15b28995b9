"""What the page is sent never names, counts or quotes what its reader may not see; what only admins do is refused to everybody else."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from tests.integrations.serving import Served
from tests.integrations.test_rest import frame

SHOWN = (
    "/api/v1/home", "/api/v1/home/attention", "/api/v1/home/promises", "/api/v1/inbox", "/api/v1/accounts?limit=200", "/api/v1/accounts?format=csv", "/api/v1/accounts?search={hidden}",
    "/api/v1/voice/board", "/api/v1/voice/board?mood=negative", "/api/v1/voice/themes/{theme}", "/api/v1/voice/themes/{theme}/comments?limit=200",
    "/api/v1/threads", "/api/v1/session",
)  # fmt: skip
ADMINS_ONLY = (
    ("GET", "/api/v1/people"), ("PUT", "/api/v1/people/Eve"), ("DELETE", "/api/v1/people/Max"), ("POST", "/api/v1/people/Ann/tokens"), ("POST", "/api/v1/people/Ann/link"),
    ("GET", "/api/v1/people/subscriptions"), ("GET", "/api/v1/audit/search"), ("POST", "/api/v1/uploads"), ("POST", "/api/v1/first/demo"), ("POST", "/api/v1/jobs/build"),
    ("GET", "/api/v1/jobs/last"), ("GET", "/api/v1/quarantine/rows"), ("GET", "/api/v1/quarantine/export"), ("POST", "/api/v1/quarantine/retry"),
)  # fmt: skip


@pytest.mark.parametrize("path", SHOWN)
@pytest.mark.parametrize("name", ["Rita", "Rob"])
def test_a_rep_is_sent_nothing_of_other_accounts(rest: Served, name: str, path: str) -> None:
    customers, feedback = frame(rest, "customers"), frame(rest, "feedback")
    with rest.client(name) as client:
        mine = {c["customer_id"] for c in client.get("/api/v1/customers?limit=200").json()["items"]}
        theme = (client.get("/api/v1/themes?limit=1").json().get("items") or [{"theme_id": "T001"}])[0]["theme_id"]
        others = customers[~customers["customer_id"].isin(mine)]
        hidden = others["name"].iloc[0]
        while (got := client.get(path.format(theme=theme, hidden=hidden))).status_code == 202:  # it is being made
            time.sleep(0.2)
    text = got.text.replace("\\u002d", "-")
    foreign = set(feedback.loc[~feedback["customer_id"].isin(mine), "feedback_id"])
    leaks = {i for i in others["customer_id"] if f'"{i}"' in text} | {
        n for n in others["name"] if n != hidden and f'"{n}"' in text
    }
    leaks |= {f for f in foreign if f'"{f}"' in text}
    assert leaks == set()
    if "search=" not in path:
        assert hidden not in text


def test_a_rep_s_board_has_no_money_or_trend_of_the_whole_company(rest: Served) -> None:
    with rest.client("Rita") as rita, rest.client("Max") as maxim:
        own, whole = (c.get("/api/v1/voice/board").json() for c in (rita, maxim))
    sums = {t["theme_id"]: t for g in whole["groups"] for t in g["themes"]}
    for theme in (t for g in own["groups"] for t in g["themes"]):
        assert theme["state"] == ""
        assert theme["comments"] <= sums[theme["theme_id"]]["comments"]
    assert own["pending"] == []


@pytest.mark.parametrize(("method", "path"), ADMINS_ONLY, ids=[f"{m} {p}" for m, p in ADMINS_ONLY])
@pytest.mark.parametrize("name", ["Rita", "Quinn", "Max", None])
def test_what_admins_do_is_refused_to_others(rest: Served, name: str | None, method: str, path: str) -> None:
    body = {"role": "admin", "accounts": "all"} if method == "PUT" else {}
    files = [("files", ("a.csv", b"a,b\n1,2\n"))] if "uploads" in path or "retry" in path else None
    with rest.client(name) as client:
        got = client.request(method, path, files=files) if files else client.request(method, path, json=body)
    assert got.status_code == (401 if name is None else 403), got.text
    assert rest.live.state.user("Eve") is None
    assert rest.live.state.user("Max") is not None


def test_a_shared_answer_opens_for_who_may_see_it_and_only_then(rest: Served) -> None:
    def asked(client: httpx.Client) -> str:
        return str(
            client.post("/api/v1/ask", json={"question": "revenue by month in 2026", "conversation": "web-1"}).json()["id"]
        )

    with rest.client("Max") as maxim, rest.client("Ann") as ann, rest.client("Rita") as rita:
        answer = asked(maxim)
        assert ann.get(f"/api/v1/shared/{answer}").status_code == 404
        assert rita.post(f"/api/v1/answers/{answer}/share").status_code == 404
        path = maxim.post(f"/api/v1/answers/{answer}/share").json()["path"]
        assert path == f"/answers/{answer}"
        seen, own = ann.get(f"/api/v1/shared/{answer}").json(), maxim.get(f"/api/v1/answers/{answer}").json()
        assert (seen["shared_by"], seen["figures"], seen["snapshot"]) == ("Max", own["figures"], own["snapshot"])
        assert rita.get(f"/api/v1/shared/{answer}").json()["code"] == "rights_changed"
        thread = maxim.get("/api/v1/threads/web-1").json()
        assert [a["id"] for a in thread["items"]] == [answer]
        assert ann.get("/api/v1/threads/web-1").status_code == 404
        book = ann.get(f"/api/v1/answers/{answer}/table.xlsx")
        assert book.content[:2] == b"PK"


def test_the_workbook_has_figures_as_numbers_and_no_formula(rest: Served) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    with rest.client("Max") as maxim:
        answer = maxim.post("/api/v1/ask", json={"question": "revenue by month in 2026"}).json()
        sheet = load_workbook(BytesIO(maxim.get(f"/api/v1/answers/{answer['id']}/table.xlsx").content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=5))
    assert [r[1].value for r in rows] == pytest.approx([f["value"] for f in answer["figures"]])
    assert all(c.data_type != "f" for r in rows for c in r)


def test_an_admin_cannot_lock_everybody_out(rest: Served) -> None:
    with rest.client("Ann") as ann:
        assert ann.delete("/api/v1/people/Ann").status_code == 422
        assert ann.put("/api/v1/people/Ann", json={"role": "rep"}).status_code == 422
        assert ann.put("/api/v1/people/Eve", json={"role": "rep"}).status_code == 422  # nobody sees all by silence
        assert ann.put("/api/v1/people/Eve", json={"role": "rep", "accounts": "C-nobody"}).status_code == 404
        assert ann.put("/api/v1/people/admin", json={"role": "rep", "accounts": "all"}).status_code == 422
        told = json.dumps(ann.get("/api/v1/people").json())
    assert "digest" not in told


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\x.csv", "/abs.csv", "a\x00b.csv", "...", "<img src=x>.csv"])
def test_a_name_of_an_upload_leads_nowhere(rest: Served, name: str) -> None:
    content = b"order_id,customer,order_date,product,quantity,unit_price\n1,A,2026-01-01,B,1,2.5\n2,A,2026-01-02,B,1,2.5\n"
    with rest.client("Ann") as ann:
        got = ann.post("/api/v1/uploads", files=[("files", (name, content))])
        assert got.status_code in (201, 422), got.text
        for wrong in ("..", "../..", "up-../../x", "%2e%2e"):
            assert ann.post(f"/api/v1/uploads/{wrong}/preview", json={}).status_code in (404, 405)
        if got.status_code == 201:
            found = list((rest.live.folder / "uploads").rglob("*"))
            assert all(rest.live.folder.resolve() in p.resolve().parents for p in found)
            assert str(rest.live.folder) not in got.text
            assert ann.delete(f"/api/v1/uploads/{got.json()['id']}").status_code == 204
