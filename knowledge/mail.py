"""Mail as rows: an mbox file, one row a message, with what its writer wrote and nothing of what was quoted below."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime
from html import unescape

import pyarrow as pa

COLUMNS = ("message_id", "thread", "date", "from_email", "from_name", "to_email", "subject", "text", "automatic")
BEGINS = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]*\n")
QUOTED_FROM_HERE = re.compile(
    r"^\s*(?:On\b.{5,200}\bwrote:|Am\b.{5,200}\bschrieb.{0,100}:|Le\b.{5,200}\ba écrit\s*:|-{2,} ?(?:Original Message|Ursprüngliche Nachricht|"
    r"Forwarded message|Message d'origine) ?-{2,}|_{20,}|From: .{3,200}\n(?:Sent|Date|To): )",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)[@+-]", re.IGNORECASE)


def mbox(raw: bytes) -> pa.Table:
    """The messages of an mbox, in file order; columns `COLUMNS` as text. What a message lacks is null; a message without
    an id gets one of its content. `automatic` is 'true' for lists, bounces and answers of machines."""
    starts = list(BEGINS.finditer(raw))
    ends = [m.start() for m in starts[1:]] + [len(raw)]
    rows = [_row(raw[m.end() : end]) for m, end in zip(starts, ends, strict=True)]
    return pa.table({c: pa.array([r.get(c) for r in rows], pa.string()) for c in COLUMNS})


def _row(raw: bytes) -> dict[str, str | None]:
    mail = message_from_bytes(re.sub(rb"(?m)^>(>*From )", rb"\1", raw), policy=default)
    assert isinstance(mail, EmailMessage)
    name, address = _address(mail, "from")
    own = _ids(_header(mail, "message-id"))
    before = [*_ids(_header(mail, "references")), *_ids(_header(mail, "in-reply-to"))]
    identity = own[0] if own else hashlib.sha256(raw).hexdigest()[:24]
    return {
        "message_id": identity,
        "thread": before[0] if before else identity,
        "date": _date(_header(mail, "date")),
        "from_email": address.lower() or None,
        "from_name": name or None,
        "to_email": _address(mail, "to")[1].lower() or None,
        "subject": " ".join(_header(mail, "subject").split()) or None,
        "text": written(_body(mail)) or None,
        "automatic": "true" if _automatic(mail, address) else "false",
    }


def written(text: str) -> str:
    """What the writer wrote: without quoted lines, what is quoted below, and the signature."""
    text = text.replace("\r\n", "\n")
    quoted = QUOTED_FROM_HERE.search(text)
    own = text[: quoted.start()] if quoted else text
    signature = SIGNATURE.search(own)
    own = own[: signature.start()] if signature else own
    return "\n".join(line.rstrip() for line in own.split("\n") if not line.lstrip().startswith(">")).strip()


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, UnicodeError, MessageError):  # an unknown or false charset
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else ""
    return _bare(text) if part.get_content_type() == "text/html" else text


def _bare(html: str) -> str:
    html = re.sub(r"(?is)<(script|style|head|blockquote)\b.*?</\1\s*>", " ", html)
    html = re.sub(r"(?i)<br\s*/?>|</(?:p|div|tr|li|h\d)\s*>", "\n", html)
    return re.sub(r"[^\S\n]+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name) or "")
    except (MessageError, ValueError, IndexError, AttributeError):  # the standard library's parser gives up on some headers
        return next((str(v) for k, v in mail.raw_items() if k.lower() == name), "")


def _address(mail: EmailMessage, name: str) -> tuple[str, str]:
    found = getaddresses([_header(mail, name)])
    return found[0] if found else ("", "")


def _ids(header: str) -> list[str]:
    return re.findall(r"<([^<>\s]+)>", header)


def _date(header: str) -> str | None:
    """In UTC; as it stands where it is no date, so that the reason can be told."""
    try:
        moment = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return header or None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _automatic(mail: EmailMessage, address: str) -> bool:
    said = _header(mail, "auto-submitted").lower()
    return (
        said not in ("", "no")
        or _header(mail, "precedence").lower() in ("bulk", "list", "junk", "auto_reply")
        or bool(_header(mail, "list-id") or _header(mail, "list-unsubscribe"))
        or mail.get_content_type() == "multipart/report"
        or MACHINES.match(address) is not None
    )
