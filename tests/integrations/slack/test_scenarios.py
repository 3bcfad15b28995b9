"""What people do in Slack, each through a strict Slack of our own over HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.codes import new_code
from integrations.slack import blocks
from tests.integrations.slack.conftest import CHANNEL, Joined

JSON = dict[str, Any]


def words(message: JSON) -> str:
    return json.dumps(message.get("blocks"), ensure_ascii=False) + message["text"]


def block(message: JSON, kind: str) -> JSON:
    return next(b for b in message["blocks"] if b["type"] == kind)


def actions(message: JSON) -> set[str]:
    return {e["action_id"] for b in message["blocks"] for e in b.get("elements", []) if "action_id" in e}


def test_a_mention_is_answered_in_its_thread_with_a_chart_and_its_table_as_a_file(slack: Joined) -> None:
    said = slack.asks(CHANNEL, "U0ANN", "<@U0RAPPORT1> revenue by month in 2026")
    asked = slack.fake.channels[CHANNEL].messages[-2]
    assert said["thread_ts"] == asked["ts"]
    assert "table" not in {b["type"] for b in said["blocks"]}  # one form of each figure
    (table,) = [f for f in slack.fake.files.values() if f["name"].endswith(".csv") and f.get("thread_ts") == said["thread_ts"]]
    assert table["content"].decode("utf-8-sig").splitlines()[0].endswith("Revenue")
    image = block(said, "image")
    file = slack.fake.files[image["slack_file"]["id"]]
    assert file["content"].startswith(b"\x89PNG")
    assert len(image["alt_text"]) > 20
    assert said["text"].startswith("Revenue")
    assert "*" not in said["text"].split("\n")[0]
    assert {"how", "save", "opinion"} <= actions(said)
    assert slack.fake.refused == []


def test_what_a_figure_is_held_against_is_said_to_be_that(slack: Joined) -> None:
    said = slack.asks("D0ANN", "U0ANN", "orders in 2026")["text"]
    assert " Compared with " in said


def test_a_figure_is_said_in_one_form(slack: Joined) -> None:
    """Groups as a table and no picture of it; what the words say in full is in no table."""
    groups = slack.asks("D0ANN", "U0ANN", "revenue by region in 2026")
    assert [b["type"] for b in groups["blocks"]].count("table") == 1
    assert "image" not in {b["type"] for b in groups["blocks"]}
    answer = {
        "id": "a", "status": "answered", "text": "Late: **3** comments; Damaged: **2** comments.", "plan": {}, "nearest": [], "followups": [], "choices": [],
        "quotes": [], "citations": [], "table": {"columns": ["Theme", "Comments"], "rows": [["Late", "3"], ["Damaged", "2"]]},
    }  # fmt: skip
    for sent in (blocks.answer(answer).blocks, blocks.answer(answer).plainer):
        assert "Theme" not in json.dumps(sent)
    more = {**answer, "table": {**answer["table"], "rows": [["Late", "3"], ["Damaged", "2"], ["Wrong item", "1"]]}}
    assert "Wrong item" in json.dumps(blocks.answer(more).blocks)


def test_a_direct_message_goes_on_in_its_thread(slack: Joined) -> None:
    first = slack.asks("D0ANN", "U0ANN", "revenue in 2026")
    follow = slack.asks("D0ANN", "U0ANN", "by region", first["thread_ts"])
    assert follow["thread_ts"] == first["thread_ts"]
    assert [c["text"] for c in block(follow, "table")["rows"][0]] == ["Region", "Revenue"]
    apart = slack.asks("D0ANN", "U0ANN", "by region")
    assert "Revenue" not in words(apart)[:200] or not any(b["type"] == "table" for b in apart["blocks"])


def test_a_choice_waits_is_remembered_and_shows_what_was_chosen(slack: Joined) -> None:
    asked = slack.asks("D0ANN", "U0ANN", "acme revenue")
    labels = [e["text"]["text"] for e in block(asked, "actions")["elements"]]
    assert 2 <= len(labels) <= 3
    before = {m["ts"] for m in slack.fake.answers()}
    slack.press("U0ANN", "D0ANN", asked, "choose_0")
    answer = slack.new_answer(before)
    assert labels[0] in words(answer)
    slack.until(
        lambda: (
            f"You chose *{labels[0]}*"
            in words(next(m for m in slack.fake.channels["D0ANN"].messages if m["ts"] == asked["ts"]))
        )
    )
    followed = slack.asks("D0ANN", "U0ANN", "and orders?", asked["thread_ts"])
    assert labels[0] in words(followed)


def test_show_how_opens_with_definition_and_sql(slack: Joined) -> None:
    said = slack.asks("D0ANN", "U0ANN", "orders by region in 2026")
    slack.press("U0ANN", "D0ANN", said, "how")
    view = slack.until(lambda: next((v for v in slack.fake.views.values() if "SELECT" in json.dumps(v)), None))
    assert view["title"]["text"] == "How it was made"
    assert "rows" in json.dumps(view)


def test_feedback_with_a_reason_is_kept(slack: Joined) -> None:
    said = slack.asks("D0MAX", "U0MAX", "orders in 2026")
    slack.press("U0MAX", "D0MAX", said, "opinion")
    view = slack.until(lambda: next((v for v in slack.fake.views.values() if v.get("callback_id") == "opinion_reason"), None))
    slack.send(slack.fake.submitted("U0MAX", view, {"reason": {"text": {"value": "I meant shipped ones"}}}))
    answer = json.loads(next(e for b in said["blocks"] for e in b.get("elements", []) if e.get("action_id") == "how")["value"])[
        "a"
    ]
    kept = slack.until(lambda: [e for e in slack.live.state.audit_log(20) if e.detail.get("reason")])
    assert [(e.principal, e.action, e.detail) for e in kept] == [
        ("Max", "opinion", {"answer": answer, "useful": False, "reason": "I meant shipped ones", "door": "slack"})
    ]


def test_unknown_people_get_a_sentence_and_a_code_lets_them_in(slack: Joined) -> None:
    refused = slack.asks("D0NOBODY", "U0NOBODY", "revenue in 2026")
    assert "I do not know you yet" in refused["text"]
    slack.live.state.add_user("Nora", "manager")
    code = new_code(slack.live.state, "Nora")
    assert "not valid" in slack.send(slack.fake.command("U0NOBODY", "D0NOBODY", "link WRONG"))[0][2]
    assert "Hello Nora" in slack.send(slack.fake.command("U0NOBODY", "D0NOBODY", f"link {code}"))[0][2]
    assert "not valid" in slack.send(slack.fake.command("U0ANN", "D0ANN", f"link {code}"))[0][2]
    assert "revenue" in slack.asks("D0NOBODY", "U0NOBODY", "revenue in 2026")["text"]


def test_a_guest_with_somebodys_address_is_nobody(slack: Joined) -> None:
    assert "I do not know you yet" in slack.asks("D0GUEST", "U0GUEST", "revenue in 2026")["text"]


def test_in_a_channel_the_least_entitled_reader_decides(slack: Joined) -> None:
    fake = slack.fake
    fake.channels["C0MIXED"].members = ["U0ANN", "U0ROB", "U0RAPPORT1"]
    said = slack.asks("C0MIXED", "U0ANN", "<@U0RAPPORT1> revenue in 2026")
    assert said["ts"] in {m["ts"] for m in fake.answers("D0ANN")}
    assert fake.answers("C0MIXED") == []
    assert "direct messages" in fake.ephemerals[-1]["text"]
    assert "share" not in actions(said)  # it cannot be
    fake.channels["C0MIXED"].members = ["U0ANN", "U0MAX", "U0RAPPORT1"]
    assert slack.asks("C0MIXED", "U0ANN", "<@U0RAPPORT1> revenue in 2026")["ts"] in {m["ts"] for m in fake.answers("C0MIXED")}


def test_a_private_answer_that_somebody_there_may_not_see_is_not_offered_to_be_shared(slack: Joined) -> None:
    fake, private = slack.fake, "C0MIXEDTWO"
    fake.channels[private].members = ["U0ANN", "U0MAX", "U0RAPPORT1"]

    def asked() -> JSON:
        before = {m["ts"] for m in fake.answers()}
        slack.send(fake.command("U0ANN", private, "ask orders in 2026"))
        return slack.new_answer(before)

    said = asked()
    assert "share" in actions(said)
    fake.channels[private].members = ["U0ANN", "U0ROB", "U0RAPPORT1"]
    assert "share" not in actions(asked())
    before = {m["ts"] for m in fake.answers()}
    slack.press("U0ANN", "D0ANN", said, "share")  # somebody has come in since
    assert "may see" in slack.new_answer(before)["text"]
    assert fake.answers(private) == []


def test_the_log_has_who_came_in_by_slack_and_what_they_took_along_and_shared(slack: Joined) -> None:
    slack.asks("D0ANN", "U0ANN", f"brief {slack.ids[0]}")
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(slack.fake.command("U0ANN", CHANNEL, "ask orders in 2026"))
    slack.press("U0ANN", "D0ANN", private := slack.new_answer(before), "share")
    slack.new_answer(before | {private["ts"]})
    told = [
        (e.action, e.detail.get("door") or e.detail.get("what")) for e in slack.live.state.audit_log(50) if e.principal == "Ann"
    ]
    assert {("export", "brief"), ("share", "slack")} <= set(told)
    logins = [e for e in slack.live.state.audit_log(10_000) if e.principal == "Ann" and e.action == "login"]
    assert [e.detail["door"] for e in logins] == ["slack"]


def test_a_private_answer_is_shared_where_everybody_may_see_it(slack: Joined) -> None:
    before = {m["ts"] for m in slack.fake.answers()}
    assert "direct messages" in slack.send(slack.fake.command("U0MAX", CHANNEL, "ask orders in 2026"))[0][2]
    mine = slack.new_answer(before)
    assert mine["ts"] in {m["ts"] for m in slack.fake.answers("D0MAX")}
    before.add(mine["ts"])
    slack.press("U0MAX", "D0MAX", mine, "share")
    shared = slack.new_answer(before)
    assert shared["ts"] in {m["ts"] for m in slack.fake.answers(CHANNEL)}
    assert "<@U0MAX> asked: orders in 2026" in words(shared)
    followed = slack.asks("D0MAX", "U0MAX", "by region", mine["ts"])
    assert [c["text"] for c in block(followed, "table")["rows"][0]][-1] == "Orders"


def test_commands(slack: Joined) -> None:
    assert "/rapport ask" in slack.send(slack.fake.command("U0ANN", CHANNEL, "help"))[0][2]
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(slack.fake.command("U0ANN", CHANNEL, "themes"))
    assert "complain" in slack.new_answer(before)["text"].lower()
    said = slack.send(slack.fake.command("U0ANN", CHANNEL, "subscribe on-time delivery weekly"))[0][2]
    assert "Every week" in said
    assert slack.live.state.subscriptions("Ann")[-1].what == "on-time delivery"


def posted(slack: Joined, name: str, kind: str, what: str, channel: str) -> JSON:
    """Subscribes, makes what is due in a month, and gives the one message that comes."""
    number = slack.live.state.subscribe(name, kind, what, {"every": "day"}, channel)
    before = {m["ts"] for m in slack.fake.answers()}
    slack.live.home.post().run(datetime.now(UTC) + timedelta(days=2))
    found = slack.until(lambda: [m for m in slack.fake.answers() if m["ts"] not in before])
    slack.until(lambda: slack.live.state.pending("post slack") == 0)
    slack.live.state.unsubscribe(number, name)
    assert len(found) == 1
    return dict(found[0])


def test_a_digest_goes_to_a_channel_where_everybody_may_see_it_else_to_its_person(slack: Joined) -> None:
    for subscription in slack.live.state.subscriptions():
        slack.live.state.unsubscribe(subscription.id, subscription.principal)
    said = posted(slack, "Max", "digest", "", CHANNEL)
    assert said["ts"] in {m["ts"] for m in slack.fake.answers(CHANNEL)}
    slack.fake.channels["C0REPS"].members = ["U0RITA", "U0MAX", "U0RAPPORT1"]
    said = posted(slack, "Max", "digest", "", "C0REPS")
    assert slack.fake.answers("C0REPS") == []
    assert said["ts"] in {m["ts"] for m in slack.fake.answers("D0MAX")}
    said = posted(slack, "Rita", "question", "orders in 2026", "C0REPS")
    assert slack.fake.answers("C0REPS") == [said]
    assert slack.fake.refused == []


def test_a_brief_comes_as_message_and_file(slack: Joined) -> None:
    with slack.live.reading(slack.live.home.scope(None)) as reader:
        name = reader.frame("customers").set_index("customer_id").loc[slack.ids[0], "name"]
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(slack.fake.command("U0RITA", CHANNEL, f"brief {name}"))
    said = slack.new_answer(before)
    assert name in words(said)
    file = slack.until(
        lambda: next((f for f in slack.fake.files.values() if f.get("complete") and f["thread_ts"] == said["ts"]), None)
    )
    assert file["name"].startswith("brief-")
    assert file["content"].startswith(b"%PDF")
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(slack.fake.command("U0TOM", CHANNEL, f"brief {name}"))
    assert slack.new_answer(before)["text"].startswith("No customer")


def test_a_message_is_logged_as_feedback(slack: Joined) -> None:
    event = slack.fake.says(CHANNEL, "U0MAX", "Customer called: the pallet was crushed &amp; wet")
    message = event["event"]
    slack.send(slack.fake.shortcut("U0RITA", CHANNEL, message, "log_feedback"))
    view = slack.until(lambda: next((v for v in slack.fake.views.values() if v.get("callback_id") == "log_feedback"), None))
    assert view["blocks"][0]["element"]["initial_value"] == "Customer called: the pallet was crushed & wet"
    options = slack.send(
        {
            "type": "block_suggestion",
            "action_id": "customer",
            "block_id": "customer",
            "value": "",
            "team": {"id": "T0COMPANY1"},
            "user": {"id": "U0RITA"},
            "view": view,
        }
    )
    listed = [o["value"] for o in json.loads(options[0][2])["options"]]
    assert sorted(listed) == slack.ids[:2]
    values = {
        "text": {"text": {"value": "the pallet was crushed"}},
        "customer": {"customer": {"selected_option": {"value": listed[0]}}},
        "channel": {"channel": {"selected_option": {"value": "call"}}},
        "order": {"order": {"value": None}},
    }
    slack.send(slack.fake.submitted("U0RITA", view, values))
    assert slack.live.state.pending("feedback") == 1


def test_a_claim_is_checked_against_the_record(slack: Joined) -> None:
    with slack.live.reading(slack.live.home.scope(None)) as reader:
        orders = reader.frame("orders")
    late = orders[(orders["status"] == "delivered") & (orders["delivered_at"].dt.date > orders["promised_date"])].iloc[0]
    message = slack.fake.says(CHANNEL, "U0MAX", f"They say order {late['order_id']} came late")["event"]
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(slack.fake.shortcut("U0ANN", CHANNEL, message, "check_claim"))
    said = slack.new_answer(before)
    assert said["ts"] in {m["ts"] for m in slack.fake.answers("D0ANN")}
    assert "bears it out" in said["text"], said["text"]
    assert late["order_id"] in words(said)
    kept = orders[(orders["status"] == "delivered") & (orders["delivered_at"].dt.date <= orders["promised_date"])].iloc[0][
        "order_id"
    ]
    for text, verdict in (
        (f"Order {kept} was delivered far too late", "says otherwise"),
        (f"Order {kept} arrived badly damaged", "does not settle it"),
    ):
        message = slack.fake.says(CHANNEL, "U0MAX", text)["event"]
        before = {m["ts"] for m in slack.fake.answers()}
        slack.send(slack.fake.shortcut("U0ANN", CHANNEL, message, "check_claim"))
        assert verdict in (said := slack.new_answer(before))["text"], said["text"]


def test_a_reply_is_drafted_from_the_answer_and_kept(slack: Joined) -> None:
    with slack.live.reading(slack.live.home.scope(None)) as reader:
        name = reader.frame("customers").set_index("customer_id").loc[slack.ids[0], "name"]
    said = slack.asks("D0ANN", "U0ANN", f"orders of {name} in 2026")
    slack.press("U0ANN", "D0ANN", said, "draft")
    view = slack.until(lambda: next((v for v in slack.fake.views.values() if v.get("callback_id") == "draft"), None))
    text = view["blocks"][0]["element"]["initial_value"]
    assert name in text
    assert "*" not in text
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(slack.fake.submitted("U0ANN", view, {"text": {"text": {"value": text + " Edited."}}}))
    assert slack.new_answer(before)["text"].endswith("Edited.")


def test_home_lists_accounts_saved_questions_and_what_it_can_do(slack: Joined) -> None:
    said = slack.asks("D0RITA", "U0RITA", "orders in 2026")
    slack.press("U0RITA", "D0RITA", said, "save")
    slack.until(lambda: slack.live.state.preference("Rita", "saved_questions") == ["orders in 2026"])
    slack.send(
        slack.fake.wrapped(
            {"type": "app_home_opened", "user": "U0RITA", "channel": "D0RITA", "tab": "home", "event_ts": slack.fake.stamp()}
        )
    )
    home = json.dumps(slack.until(lambda: slack.fake.homes.get("U0RITA")))
    assert "2 accounts" in home
    assert "orders in 2026" in home
    assert "What I can do" in home
    slack.send(
        slack.fake.wrapped(
            {
                "type": "app_home_opened",
                "user": "U0RITA",
                "channel": "D0RITA",
                "tab": "messages",
                "event_ts": slack.fake.stamp(),
            }
        )
    )
    slack.until(lambda: any(m == "assistant.threads.setSuggestedPrompts" for m, _ in slack.fake.calls))
    action = {"type": "button", "action_id": "home_ask", "value": json.dumps({"q": "orders in 2026"})}
    pressed = slack.fake.pressed("U0RITA", "D0RITA", {"ts": "1.1"}, action) | {
        "container": {"type": "view", "view_id": "V1"},
        "view": {"type": "home"},
    }
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(pressed)
    assert "orders" in slack.new_answer(before)["text"]


def test_nobody_forges_or_replays(slack: Joined) -> None:
    import asyncio

    import aiohttp

    event = slack.fake.says("D0ANN", "U0ANN", "revenue in 2026")

    async def run() -> list[int]:
        async with aiohttp.ClientSession() as session:
            forged = await slack.fake.send(session, slack.url, event, secret="wrong")
            old = await slack.fake.send(session, slack.url, event, age=600)
            return [forged[0], old[0]]

    count = len(slack.fake.answers())
    assert asyncio.run(run()) == [401, 401]
    assert len(slack.fake.answers()) == count
    assert slack.live.state.pending("slack") == 0


def test_our_own_messages_and_edits_start_nothing(slack: Joined) -> None:
    base = {
        "type": "message",
        "channel": "D0ANN",
        "channel_type": "im",
        "ts": "1.5",
        "event_ts": "1.5",
        "user": "U0ANN",
        "text": "revenue",
    }
    events = [
        {**base, "bot_id": "B0RAPPORT1", "user": "U0RAPPORT1"},
        {**base, "subtype": "message_changed"},
        {**base, "subtype": "message_deleted"},
    ]
    assert [s for s, _, _ in slack.send(*(slack.fake.wrapped(e) for e in events))] == [200, 200, 200]
    assert slack.live.state.pending("slack") == 0


def test_hello_is_answered_with_what_it_can_do(slack: Joined) -> None:
    assert "brief Acme" in slack.asks("D0ANN", "U0ANN", "hi")["text"]
    assert "brief Acme" in slack.asks(CHANNEL, "U0ANN", "<@U0RAPPORT1>")["text"]


def test_what_fails_for_a_reason_of_ours_ends_in_a_sentence(slack: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("integrations.slack.worker.FIRST_WAIT", timedelta(seconds=0.05))
    monkeypatch.setattr("integrations.slack.answers.make", broken)
    said = slack.asks("D0ANN", "U0ANN", "revenue in 2026")
    assert said["text"].startswith("Something went wrong in Rapport")
    assert "fault of ours" not in words(said)


def opened_home(slack: Joined, name: str) -> JSON:
    """The home tab as it is drawn anew when somebody opens it."""
    user = f"U0{name.upper()}"
    slack.fake.homes.pop(user, None)
    opened = {
        "type": "app_home_opened",
        "user": user,
        "channel": f"D0{name.upper()}",
        "tab": "home",
        "event_ts": slack.fake.stamp(),
    }
    slack.send(slack.fake.wrapped(opened))
    return dict(slack.until(lambda: slack.fake.homes.get(user)))


def pressed_home(slack: Joined, name: str, home: JSON, action_id: str) -> JSON:
    """Presses the first button of that name on the home tab; gives the tab as it is drawn then."""
    user = f"U0{name.upper()}"
    places = [e for b in home["blocks"] for e in (*b.get("elements", ()), *([b["accessory"]] if "accessory" in b else ()))]
    action = next(e for e in places if str(e.get("action_id", "")).startswith(action_id))
    slack.fake.homes.pop(user)
    pressed = slack.fake.pressed(user, f"D0{name.upper()}", {"ts": "1.1"}, action)
    slack.send(pressed | {"container": {"type": "view", "view_id": "V1"}, "view": {"type": "home"}})
    return dict(slack.until(lambda: slack.fake.homes.get(user)))


def test_home_shows_what_was_chosen_and_asks_again(slack: Joined) -> None:
    asked = slack.asks("D0MAX", "U0MAX", "acme revenue")
    label = block(asked, "actions")["elements"][0]["text"]["text"]
    before = {m["ts"] for m in slack.fake.answers()}
    slack.press("U0MAX", "D0MAX", asked, "choose_0")
    slack.new_answer(before)
    assert slack.asks("D0MAX", "U0MAX", "acme orders")["blocks"][0]["type"] == "section"  # not asked again
    home = opened_home(slack, "Max")
    assert f"“acme” is *{label}*" in json.dumps(home, ensure_ascii=False)
    home = pressed_home(slack, "Max", home, "home_unchoose")
    assert "“acme”" not in json.dumps(home, ensure_ascii=False)
    assert any(a.startswith("choose_") for a in actions(slack.asks("D0MAX", "U0MAX", "acme revenue")))


def test_home_lists_alerts_that_can_be_muted_and_heard_again(slack: Joined) -> None:
    home = opened_home(slack, "Rita")
    shown = json.dumps(home, ensure_ascii=False)
    assert "home_mute" in shown, shown
    muted = pressed_home(slack, "Rita", home, "home_mute")
    assert "Muted: " in json.dumps(muted)
    assert json.dumps(muted).count("home_mute") == shown.count("home_mute") - 1
    again = pressed_home(slack, "Rita", muted, "home_unmute")
    assert json.dumps(again, ensure_ascii=False) == shown
    assert slack.fake.refused == []


def test_an_alert_is_muted_by_whom_it_is_sent_to(slack: Joined) -> None:
    slack.fake.channels["D0RITA"].members = ["U0RITA", "U0RAPPORT1"]
    said = posted(slack, "Rita", "alerts", "", "D0RITA")
    told = slack.live.home.post().muted
    slack.press("U0MAX", "D0RITA", said, "mute")
    slack.until(lambda: any("only they can mute it" in e["text"] for e in slack.fake.ephemerals))
    assert told("Rita") == {}
    slack.press("U0RITA", "D0RITA", said, "mute")
    (name,) = slack.until(lambda: told("Rita"))
    slack.until(lambda: any("Muted for a week" in e["text"] for e in slack.fake.ephemerals))
    slack.live.home.post().unmute("Rita", name)
