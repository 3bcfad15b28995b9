"""What a person wrote in a message: without what is quoted, whatever the language, and without the signature; ids of Salesforce."""

from __future__ import annotations

import pytest

from knowledge.functions import salesforce_id
from knowledge.mail import mbox
from knowledge.prose import plain, written

BELOW = {
    "outlook, German": "\n\n-----Ursprüngliche Nachricht-----\nVon: Service\nGesendet: gestern\n\nold",
    "headers, German": "\n\nVon: Service <service@firm.example>\nGesendet: Montag, 2. März 2026 08:00\nAn: Ada\nBetreff: six\n\nold",
    "headers, Finnish": "\n\nLähettäjä: Palvelu <s@firm.example>\nLähetetty: maanantai 2. maaliskuuta 2026 8.00\nVastaanottaja: Ada\nPäiväys: 2026-03-02 08:00\n\nold",
    "gmail": "\n\nOn Mon, 2 Mar 2026 at 08:00, Service <service@firm.example> wrote:\nold",
    "gmail in two lines": "\n\nOn Mon, 2 Mar 2026 at 08:00, Service <service@firm.example>\nwrote:\n\n> old",
    "French": "\n\nLe lun. 2 mars 2026 à 08:00, Service <s@firm.example> a écrit :\n\n> old",
    "Dutch": "\n\nOp ma 2 mrt 2026 om 08:00 schreef Service <s@firm.example>:\n\n> old",
    "Czech": "\n\npo 2. 3. 2026 v 8:00 odesílatel Servis <s@firm.example> napsal:\n\n> old",
    "signature": "\n\n-- \nAda Marsh\nNorrvik AB",
}  # fmt: skip


@pytest.mark.parametrize("below", BELOW)
def test_what_is_below_an_answer_is_not_its_writers(below: str) -> None:
    assert written("Still leaking." + BELOW[below]) == "Still leaking."


@pytest.mark.parametrize(
    "text",
    [
        "Order: 123\nProduct: pump\nQty: 3\nAll broken",
        "Name: Ada\nE-mail: ada@x.example\nPhone: 1\nMessage: on 3.3.2026 10:00 it broke",
        "I ordered these on 3 March 2026:\n- pump\n- valve",
        "2026-03-03 10:00 we agreed the following:\nA",
        "Pressure < 5 bar and > 3 bar, a-b--c",
    ],
)
def test_what_looks_a_little_like_a_quote_stays(text: str) -> None:
    assert written(plain(text)) == text


def test_answers_between_quoted_lines_stay() -> None:
    assert written("> When?\nOn Monday.\n> Where?\nAt the gate.") == "On Monday.\nAt the gate."


def test_html_is_read_as_its_text() -> None:
    assert (
        plain('<p>one<br>two</p><div class="gmail_quote"><div>On x</div><br>old</div><p>after &amp; more</p>')
        == "one\ntwo\nafter & more"
    )


def test_a_message_without_id_is_the_same_whatever_way_it_came() -> None:
    start = b"From a@b.example Mon May  4 08:00:00 2026\n"
    mail = b"From: a@b.example\nSubject: x\nDate: Mon, 04 May 2026 08:00:00 +0000\n\nwords\n"
    one, two = mbox(start + mail + b"\n" + start + b"Received: by c; Mon, 04 May 2026 08:00:01 +0000\n" + mail)[
        "message_id"
    ].to_pylist()
    assert one == two


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0015e00000AbCdE", "0015e00000AbCdEAAV"), ("0015e00000AbCde", "0015e00000AbCdeAAF"), ("0015e00000AbCdEAAV", "0015e00000AbCdEAAV"),
        ("0015E00000ABCDEAAV", "0015e00000AbCdEAAV"), ("0015e00000abcdeaaf", "0015e00000AbCdeAAF"), ("C-17", "C-17"),
    ],
)  # fmt: skip
def test_a_salesforce_id_of_either_length_or_case_is_one(given: str, expected: str) -> None:
    assert salesforce_id(given) == expected
