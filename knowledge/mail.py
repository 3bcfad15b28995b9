"""Mail as rows: an mbox file, one row a message, with what its writer wrote and nothing of what was quoted below."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime

import pyarrow as pa

from knowledge.encodings import page_of
from knowledge.prose import plain, written

COLUMNS = ("message_id", "thread", "date", "from_email", "from_name", "to_email", "subject", "text", "automatic")
# a moment in the line, and a header right below it: "From Monday on we cannot take deliveries." is no message's beginning
BEGINS = re.compile(rb"^From (?=[^\n]*\d:\d\d)[^\n]*\b(?:19|20)\d\d\b[^\n]*\n(?=[!-9;-~]+:)", re.MULTILINE)
MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)[@+-]", re.IGNORECASE)
AUTOMATIC = re.compile(
    r"^\W*(?:auto(?:mat\w+)?[ -]?(?:reply|response|antwort|antwoord|svar|vastaus)|(?:r[ée]ponse|respuesta|risposta|resposta|odpowied\w+) automat\w+|"
    r"(?:r[ée]ponse|respuesta|risposta|resposta) automá\w+|out of (?:the )?office|abwesenheit\w*)\b",
    re.IGNORECASE,
)
FAR = timedelta(days=366)


def mbox(raw: bytes) -> pa.Table:
    """The messages of an mbox, in file order; columns `COLUMNS` as text. What a message lacks is null; a message without
    an id gets one of its content. `automatic` is 'true' for lists, bounces and answers of machines."""
    raw = raw.replace(b"\r\n", b"\n")
    starts = list(BEGINS.finditer(raw))
    if not starts or starts[0].start():  # the first line begins a message, whatever it holds
        starts.insert(0, re.compile(rb"From [^\n]*\n?").match(raw) or starts[0])
    ends = [m.start() for m in starts[1:]] + [len(raw)]
    rows = [_row(raw[m.end() : end]) for m, end in zip(starts, ends, strict=True)]
    return pa.table({c: pa.array([r.get(c) for r in rows], pa.string()) for c in COLUMNS})


def _row(raw: bytes) -> dict[str, str | None]:
    mail = message_from_bytes(re.sub(rb"(?m)^>(>*From )", rb"\1", raw), policy=default)
    assert isinstance(mail, EmailMessage)
    name, address = _address(mail, "from")
    own = _ids(_header(mail, "message-id"))
    before = [*_ids(_header(mail, "references")), *_ids(_header(mail, "in-reply-to"))]
    subject, date, text = " ".join(_header(mail, "subject").split()), _date(mail), _body(mail)
    identity = (
        own[0]
        if own
        else hashlib.sha256("|".join((address.lower(), date or "", subject, text.strip())).encode()).hexdigest()[:24]
    )
    return {
        "message_id": identity,
        "thread": before[0] if before else identity,
        "date": date,
        "from_email": address.lower() or None,
        "from_name": name or None,
        "to_email": _address(mail, "to")[1].lower() or None,
        "subject": subject or None,
        "text": written(text) or None,
        "automatic": "true" if _automatic(mail, address, subject) else "false",
    }


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        payload = part.get_payload(decode=True)
    except (LookupError, UnicodeError, MessageError, ValueError):
        payload = None
    text = _text(payload, str(part.get_content_charset() or "")) if isinstance(payload, bytes) else ""
    return plain(text) if part.get_content_type() == "text/html" else text


def _text(raw: bytes, declared: str) -> str:
    """Bytes as text: in the declared charset, unless they are none of it, or UTF-8 that says it is something else."""
    try:
        return raw.decode("ascii" if not declared.startswith("iso-2022") else declared)
    except (UnicodeDecodeError, LookupError):
        pass
    declared = {
        "iso-8859-1": "cp1252",
        "latin-1": "cp1252",
        "us-ascii": "utf-8",
        "iso-8859-9": "cp1254",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "shift_jis": "cp932",
        "shift-jis": "cp932",
        "big5": "cp950",
        "ks_c_5601-1987": "cp949",
        "euc-kr": "cp949",
    }.get(declared, declared)
    for page in ("utf-8", declared, page_of(raw) or "cp1252"):
        try:
            return raw.decode(page)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("latin-1")


def _header(mail: EmailMessage, name: str) -> str:
    raw = next((str(v) for k, v in mail.raw_items() if k.lower() == name), "")
    if not raw.isascii():  # bytes that no charset is named for
        return _text(raw.encode("utf-8", "surrogateescape"), "")
    try:
        return str(mail.get(name) or "")
    except (MessageError, ValueError, IndexError, AttributeError):  # the standard library's parser gives up on some headers
        return raw


def _address(mail: EmailMessage, name: str) -> tuple[str, str]:
    found = getaddresses([_header(mail, name)])
    return found[0] if found else ("", "")


def _ids(header: str) -> list[str]:
    return re.findall(r"<([^<>\s]+)>", header)


def _date(mail: EmailMessage) -> str | None:
    """In UTC: the writer's, or where its clock was far off the one of who received it. As it stands where it is no date, so
    that the reason can be told."""
    header = _header(mail, "date")
    moment, received = _moment(header), _moment(_header(mail, "received").rpartition(";")[2].strip())
    if received is not None and (moment is None or abs(moment - received) > FAR):
        moment = received
    return moment.isoformat() if moment is not None else header or None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _automatic(mail: EmailMessage, address: str, subject: str) -> bool:
    said = _header(mail, "auto-submitted").lower()
    return (
        said not in ("", "no")
        or _header(mail, "precedence").lower() in ("bulk", "list", "junk", "auto_reply")
        or any(_header(mail, h) for h in ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "x-autoresponder"))
        or _header(mail, "return-path").strip() == "<>"
        or AUTOMATIC.match(subject) is not None
        or mail.get_content_type() == "multipart/report"
        or MACHINES.match(address) is not None
    )
