"""What people really write in Slack: emoji, samples, quotations, people and channels, corrections, long talks; none is answered by
another question than was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.brief.content import Brief, Line, Section, Table
from integrations.exports.brief_blocks import blocks as drawn
from integrations.slack import blocks, modals
from integrations.slack.answers import in_words
from integrations.slack.commands import scheduled, when
from integrations.slack.text import addressed, asked, named, question
from knowledge.errors import BadQuestion
from tests.integrations.slack.conftest import CHANNEL, Joined
from tests.integrations.slack.fake import BOT

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "38-slack-odd-messages"
JSON = dict[str, Any]


def cases() -> Iterator[JSON]:
    if not CASES.is_dir():
        pytest.skip("the shared cases are not here")
    for file in sorted(CASES.iterdir()):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("{"):
                yield json.loads(line)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (f"hey <@{BOT}>, *revenue* in `2026` please :pray: thx!", "hey , revenue in 2026 please thx!"),
        (f"<@{BOT}> revenue by region in 2026 :rocket: \U0001f680", "revenue by region in 2026"),
        ("&gt; revenue in 2025\nrevenue in 2026", "revenue in 2026"),
        ("customers with revenue &gt; 1000 in 2026", "customers with revenue > 1000 in 2026"),
        ("orders due at 10:30:00 of size_class a_b", "orders due at 10:30:00 of size_class a_b"),
        ("_late_ ~early~ *deliveries*", "late early deliveries"),
        (f"<@{BOT}> revenue in 2026 cc <@U0MAX> <@U0RITA>", "revenue in 2026"),
    ],
)
def test_markup_is_no_part_of_the_question(said: str, meant: str) -> None:
    assert asked(said, BOT) == meant
    assert question(said, BOT) == ("ask", meant)


def test_a_person_or_a_channel_in_a_question_is_said_not_to_be_understood() -> None:
    assert named(f"<@{BOT}> revenue of <@U0MAX> in 2026", BOT) == (True, False)
    assert question(f"<@{BOT}> revenue of <@U0MAX> in 2026", BOT)[0] == "words"
    assert question(f"<@{BOT}> comments in <#C0123456|> in 2026", BOT)[0] == "words"
    assert question(f"<@{BOT}> comments in <#C0123456|general> in 2026", BOT)[0] == "words"
    for said in (
        "revenue of <!subteam^S012ABC> in 2026",
        "revenue of <!subteam^S012ABC|@sales>",
        "comments in <#G0123456|> in 2026",
        "revenue of <@B0HELPER>",
    ):
        assert question(f"<@{BOT}> {said}", BOT)[0] == "words", said
    assert question(f"<@{BOT}> <!here> revenue in 2026", BOT) == ("ask", "revenue in 2026")


def test_a_mention_in_a_sample_is_no_call() -> None:
    assert not addressed(f"how to use it: ```<@{BOT}> revenue in 2026``` that is all", BOT)
    assert not addressed(f"&gt; <@{BOT}> revenue in 2026\nshe asked", BOT)
    assert addressed(f"```x``` <@{BOT}> revenue", BOT)


def test_what_would_be_left_out_is_said_and_not_dropped() -> None:
    assert question("revenue of ```Acme Foods``` in 2026", BOT)[0] == "words"  # never everybody's revenue
    assert question("```revenue in 2026```", BOT) == ("ask", "revenue in 2026")
    assert question("&gt; revenue in 2026", BOT) == ("ask", "revenue in 2026")
    assert question("revenue of `Acme Foods`", BOT) == ("ask", "revenue of Acme Foods")


@pytest.mark.parametrize("said", [":thumbsup:", "\U0001f44d", ":thinking_face: :eyes:", f"<@{BOT}> :tada:"])
def test_an_emoji_alone_gets_a_line_and_not_the_whole_help(said: str) -> None:
    kind, told = question(said, BOT)
    assert kind == "words"
    assert len(told) < 100


def test_what_is_too_long_is_said_to_be() -> None:
    kind, said = question("We had a long talk about the weather. " * 80 + "What is the fill rate in 2026?", BOT)
    assert kind == "words"
    assert "2,000" in said


def test_the_cases_seen_elsewhere(slack: Joined) -> None:
    for case in cases():
        text = case["text"]
        if text.startswith("(40 times:"):
            text = "We had a long talk about the weather and the new plant. " * 40 + "What is the fill rate in 2026?"
        channel = "D0ANN" if case.get("channel_type") == "im" else CHANNEL
        event = slack.fake.says(channel, "U0ANN", text)
        event["event"] |= {k: v for k, v in case.items() if k in ("subtype", "edited")}
        before = {m["ts"] for m in slack.fake.answers()}
        slack.send(event)
        if case["n"] == 1:
            slack.send(event, retry=1)
            assert {m["ts"] for m in slack.fake.answers()} == before
            continue
        said = json.dumps(slack.new_answer(before))
        slack.send(event, retry=1)
        match case["n"]:
            case 2 | 3:
                assert "leave" in said
            case 4 | 5 | 7 | 9 | 11:
                assert "revenue" in said.lower(), case
                assert "in 2025" not in said or case["n"] != 9
            case 8:
                assert "2,000" in said
            case 10:
                assert "not something" not in said
        assert len([m for m in slack.fake.answers() if m["ts"] not in before]) == 1, case


def test_a_corrected_question_is_answered_as_it_stands_now(slack: Joined) -> None:
    first = slack.fake.says("D0ANN", "U0ANN", "orders in 2025")
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(first)
    before.add(slack.new_answer(before)["ts"])
    event = first["event"]
    changed = {**event, "text": "orders in 2026", "edited": {"user": "U0ANN", "ts": "2.0"}}
    edit = slack.fake.wrapped(
        {
            "type": "message",
            "subtype": "message_changed",
            "channel": "D0ANN",
            "channel_type": "im",
            "ts": "3.0",
            "event_ts": "3.0",
            "message": changed,
            "previous_message": event,
        }
    )
    slack.send(edit)
    slack.send(edit, retry=1)
    assert "2026" in json.dumps(slack.new_answer(before))
    preview = {**edit["event"], "message": {k: v for k, v in changed.items() if k != "edited"}}
    slack.send(slack.fake.wrapped(preview))


def test_a_question_that_is_corrected_in_a_channel_is_answered_again_and_one_that_is_not_is_not(slack: Joined) -> None:
    first = slack.fake.says(CHANNEL, "U0ANN", f"<@{BOT}> orders in 2025")
    before = {m["ts"] for m in slack.fake.answers()}
    slack.send(first)
    before.add(slack.new_answer(before)["ts"])
    same = {**first["event"], "text": f"<@{BOT}>  orders in 2025 :pray:", "edited": {"user": "U0ANN", "ts": "2.0"}}
    slack.send(slack.fake.wrapped(same))
    corrected = slack.fake.wrapped({**same, "text": f"<@{BOT}> orders in 2026", "edited": {"user": "U0ANN", "ts": "3.0"}})
    slack.send(corrected)
    slack.send(corrected, retry=1)
    assert "2026" in json.dumps(slack.new_answer(before))


@pytest.mark.parametrize(
    "said",
    [
        "no that's wrong",
        "That’s not right!",
        "this is incorrect",
        "no",
        "hm, that cannot be right",
        "I don't think that's right",
        "wrong.",
    ],
)
def test_who_says_that_it_is_wrong_is_told_what_it_was_taken_for(slack: Joined, said: str) -> None:
    first = slack.asks("D0ANN", "U0ANN", "orders in 2026")
    thread = first.get("thread_ts") or first["ts"]
    told = slack.asks("D0ANN", "U0ANN", said, thread)
    assert "Orders" in told["text"]
    assert "2026" in told["text"]
    assert "otherwise" in told["text"]
    mended = slack.asks("D0ANN", "U0ANN", "in 2025", thread)
    assert "2025" in mended["text"]


@pytest.mark.parametrize("said", ["thanks!", "ok great, thanks", "that's right", "thx :pray:"])
def test_thanks_are_no_complaint_and_offer_nothing_to_show(slack: Joined, said: str) -> None:
    thread = slack.asks("D0ANN", "U0ANN", "orders in 2026")
    told = slack.asks("D0ANN", "U0ANN", said, thread.get("thread_ts") or thread["ts"])
    assert "I took it for" not in told["text"]
    if "th" in said and said != "that's right":
        assert told["text"] == "You are welcome."
        assert not [b for b in told["blocks"] if b["type"] in ("actions", "context_actions")]


def test_a_mention_that_was_added_by_editing_is_answered_once(slack: Joined) -> None:
    before = {m["ts"] for m in slack.fake.answers()}
    event = slack.fake.says(CHANNEL, "U0ANN", f"<@{BOT}> orders in 2026")
    event["event"]["edited"] = {"user": "U0ANN", "ts": "9.0"}
    slack.send(event)
    slack.send(event, retry=1)
    assert "orders" in slack.new_answer(before)["text"].lower()


def test_no_reply_tells_somebody_on_a_phone_to_use_a_command_line(slack: Joined) -> None:
    """What can go wrong in a question, asked: no reply speaks of `rapport …` in a terminal, of files or of tables."""
    for text in (
        "gross profit per warehouse robot",
        "revenue of Zzyzx Quarry",
        "brief on Nobody At All",
        "nps in norway",
        "where is order SO-0?",
        "revenue in 1850",
        "revenue by moon",
    ):
        said = slack.asks("D0ANN", "U0ANN", text)
        shown = json.dumps(said["blocks"], ensure_ascii=False) + said["text"]
        assert not re.findall(r"(?<!/)`rapport |rapport\.toml|--\w+|\.parquet|\.csv", shown), (text, shown)


def test_help_is_three_lines(slack: Joined) -> None:
    told = slack.send(slack.fake.command("U0ANN", "D0ANN", "help"))[0][2]
    assert len(json.loads(told)["text"].split("\n") if told.startswith("{") else told.split("\n")) <= 3


def test_a_button_in_a_channel_says_whose_it_is(slack: Joined) -> None:
    said = slack.asks(CHANNEL, "U0ANN", f"<@{BOT}> orders by region in 2026")
    before = {m["ts"] for m in slack.fake.answers()}
    slack.press("U0MAX", CHANNEL, said, "follow_")
    shown = json.dumps(slack.new_answer(before)["blocks"])
    assert "<@U0MAX> asked: " in shown


def test_a_colleague_goes_on_in_the_same_thread(slack: Joined) -> None:
    said = slack.asks(CHANNEL, "U0ANN", f"<@{BOT}> orders in 2026")
    thread = said.get("thread_ts") or said["ts"]
    followed = slack.asks(CHANNEL, "U0MAX", f"<@{BOT}> by region", thread)
    assert "orders" in followed["text"].lower()


def test_nobody_goes_on_from_what_was_answered_in_private(slack: Joined) -> None:
    """Max asks for all to see, then about a customer that Rita may not see (answered in private): she goes on from the first."""
    with slack.live.reading(slack.live.home.scope(None)) as reader:
        names = reader.frame("customers").set_index("customer_id")["name"]
    seen, hidden = slack.ids[0], slack.ids[5]
    members, slack.fake.channels[CHANNEL].members = slack.fake.channels[CHANNEL].members, ["U0MAX", "U0RITA", BOT]
    try:
        first = slack.asks(CHANNEL, "U0MAX", f"<@{BOT}> orders of {names[seen]} in 2026")
        private = slack.asks(CHANNEL, "U0MAX", f"<@{BOT}> orders of {names[hidden]} in 2026", first["thread_ts"])
        assert private in slack.fake.channels["D0MAX"].messages
        told = json.dumps(slack.asks(CHANNEL, "U0RITA", f"<@{BOT}> by month", first["thread_ts"]), ensure_ascii=False)
    finally:
        slack.fake.channels[CHANNEL].members = members
    assert names[hidden] not in told
    assert hidden not in told
    assert names[seen] in told


def test_what_takes_seconds_and_comes_elsewhere_says_so_at_once(slack: Joined) -> None:
    before, message = {m["ts"] for m in slack.fake.answers()}, {"ts": "1.1", "text": "home", "blocks": []}
    action = {"type": "button", "action_id": "home_brief", "value": json.dumps({"q": slack.ids[0]})}
    slack.fake.views.clear()
    slack.send(slack.fake.pressed("U0ANN", "D0ANN", message, action))
    slack.until(lambda: any("direct messages" in json.dumps(v) for v in slack.fake.views.values()), 5)
    before.add(slack.new_answer(before)["ts"])
    slack.fake.views.clear()
    slack.send(slack.fake.shortcut("U0ANN", CHANNEL, slack.fake.says(CHANNEL, "U0MAX", "hello there")["event"], "check_claim"))
    slack.until(lambda: any("direct messages" in json.dumps(v) for v in slack.fake.views.values()), 5)
    slack.new_answer(before)


@pytest.mark.parametrize(
    ("said", "what", "schedule"),
    [
        ("on-time delivery every day at 8", "on-time delivery", {"every": "day", "at": "08:00"}),
        ("on-time delivery every monday at 7:15", "on-time delivery", {"every": "week", "day": "monday", "at": "07:15"}),
        ("digest weekly", "digest", {"every": "week"}),
        ("digest, every month at 9 pm", "digest", {"every": "month", "at": "21:00"}),
        ("revenue this year", "revenue this year", {"every": "week"}),
        ("orders every morning at 12am", "orders", {"every": "day", "at": "00:00"}),
        ("orders at 8 every day", "orders", {"every": "day", "at": "08:00"}),
        ("every monday at 8: orders by region", "orders by region", {"every": "week", "day": "monday", "at": "08:00"}),
        ("orders fridays at 4 pm", "orders", {"every": "week", "day": "friday", "at": "16:00"}),
        ("orders by month", "orders by month", {"every": "week"}),
    ],
)
def test_times_are_meant_as_they_are_said(said: str, what: str, schedule: JSON) -> None:
    assert scheduled(said) == (what, schedule)


@pytest.mark.parametrize(
    "said",
    [
        "orders every weekday at 8", "orders every other day", "orders every 2 weeks", "orders every monday and thursday", "orders every hour",
        "orders every day at 8 and 17", "orders every month on the 15th", "orders tomorrow at 8", "orders every day at noon", "orders every quarter",
    ],
)  # fmt: skip
def test_a_rhythm_that_cannot_be_kept_is_refused_and_no_part_of_the_question(said: str) -> None:
    with pytest.raises(BadQuestion) as err:
        scheduled(said)
    assert "every day" in err.value.message


def test_what_is_wrong_is_told_without_a_command_line_or_an_address_of_rest() -> None:
    err = BadQuestion(
        "There is none.",
        "Run `rapport build`. GET /api/v1/answers lists yours. Use --as NAME. Put it into rapport.toml. Ask `/rapport help`.",
    )
    assert in_words(err) == "There is none. Ask `/rapport help`."


def test_an_hour_that_is_none_is_refused() -> None:
    with pytest.raises(BadQuestion):
        scheduled("orders every day at 25")
    assert when({"every": "day", "at": "08:00"}) == "Every day at 08:00"


def test_what_one_is_sent_can_be_listed_and_ended(slack: Joined) -> None:
    def said(text: str) -> str:
        return slack.send(slack.fake.command("U0ANN", "D0ANN", text))[0][2]

    assert f"Every day at 08:00 ({slack.live.settings.zone} time)" in said("subscribe on-time delivery every day at 8")
    assert "on-time delivery: Every day at 08:00" in said("subscribe list")
    number = slack.live.state.subscriptions("Ann")[-1].id
    assert "Ended" in said(f"subscribe off {number}")
    assert all(s.id != number for s in slack.live.state.subscriptions("Ann"))


HOSTILE = (
    "<!channel> <https://evil.example|click> [here](https://evil.example) <@U0MAX> &lt;b&gt; ```x``` <script>alert(1)</script>"
)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for part in value.values():
            yield from texts(part)
    if isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)


def marked(value: Any) -> Iterator[JSON]:
    """Every text of Slack's markup."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value
        for part in value.values():
            yield from marked(part)
    if isinstance(value, list | tuple):
        for part in value:
            yield from marked(part)


def hostile_brief() -> Brief:
    line = Line((HOSTILE,), lead=HOSTILE, owner=HOSTILE)
    table = Table(HOSTILE, (HOSTILE,), (((HOSTILE,), (HOSTILE,)),))
    section = Section("three", HOSTILE, (line,), (table,), place="page")
    return Brief("customer", "C-1", HOSTILE, "Ann", "admin", datetime(2026, 1, 1, tzinfo=UTC), "s", "UTC", "USD", (section,))


def test_nothing_that_a_customer_wrote_is_acted_on() -> None:
    answer = {
        "id": "a", "status": "answered", "text": f"**1** comment: “{HOSTILE}”\n\n_{HOSTILE}_", "figures": [], "plan": {}, "nearest": [HOSTILE], "followups": [],
        "choices": [{"label": HOSTILE, "question": HOSTILE}], "quotes": [{"feedback_id": HOSTILE, "text": HOSTILE}], "citations": [{"title": HOSTILE, "locator": HOSTILE}],
        "table": {"columns": [HOSTILE], "rows": [[HOSTILE]]},
    }  # fmt: skip
    how = {
        "definitions": [{"label": HOSTILE, "definition": HOSTILE, "rows": 1, "source": HOSTILE, "as_of": "2026"}], "understood": {"entities": HOSTILE},
        "queries": [{"sql": HOSTILE}], "notes": [HOSTILE], "snapshot": "s",
    }  # fmt: skip
    shown = [blocks.answer(answer), blocks.words(HOSTILE)]
    every = [t for m in shown for t in (m.text, *texts(m.blocks), *texts(m.plainer))] + list(texts(modals.how(how)["blocks"]))
    assert len(every) > 8
    every_block = [*(b for m in shown for b in (*m.blocks, *m.plainer)), *modals.how(how)["blocks"], *drawn(hostile_brief())]
    assert all(t.get("verbatim") for t in marked(every_block))  # or Slack makes links of bare addresses in comments
    every += list(texts(every_block))
    for text in every:
        for mark in ("<!", "<http", "<@", "<#", "<script", "|click>"):
            assert mark not in text, text
