"""Who they are: segment, tier, owner, family, people, how long we have known each other."""

from __future__ import annotations

from assistant.brief.account import Account
from assistant.brief.content import Day, Line, Name, Part, Section, line, unknown
from knowledge import account_records as records


def section(account: Account) -> Section:
    lines = [_identity(account), *_family(account), *_people(account), *_club(account)]
    return Section("who", "Who they are", tuple(lines), place="page")


def _identity(account: Account) -> Line:
    facts = account.facts
    parts: list[Part] = []

    def add(*more: Part) -> None:
        parts.extend([" · ", *more] if parts else more)

    if facts["is_strategic"]:
        add("strategic account")
    if facts["service_tier"]:
        add("tier ", Name(facts["service_tier"]))
    for key in ("industry", "size", "region"):
        if facts[key]:
            add(Name(str(facts[key])))
    if facts["account_owner"]:
        add("owner ", Name(facts["account_owner"]))
    segment = account.model.get("rfm_segment") or account.rhythm.get("rfm_segment")
    if segment:
        add("buys like: ", Name(str(segment).replace("_", " ")))
    if facts["created_at"] is not None:
        add("customer since ", Day(facts["created_at"].date()))
    elif account.rhythm.get("first_order"):
        add("first order in the data ", Day(account.rhythm["first_order"]))
    return line(*parts) if parts else unknown("industry, tier, owner and region of ", account.name)


def _family(account: Account) -> list[Line]:
    book, made = account.book, []
    parent = account.facts["parent_id"]
    if parent and parent in book.customers:
        made.append(line("Part of ", Name(book.customers[parent]["name"], "customer", parent), "."))
    children = [Name(c["name"], "customer", i) for i, c in book.customers.items() if c["parent_id"] == account.id]
    if children:
        parts: list[Part] = ["Parent of "]
        for n, child in enumerate(children):
            parts += [", ", child] if n else [child]
        made.append(line(*parts, "."))
    return made


def _people(account: Account) -> list[Line]:
    scope = account.book.reader.scope
    if not (scope.may("personal") or scope.accounts is not None):
        return []
    people = account.rows("contacts", records.contacts)
    if not people:
        return [unknown("who to speak to; no contact is recorded.")] if account.book.has("contacts") else []
    parts: list[Part] = ["People: "]
    for n, person in enumerate(people):
        parts.append(", " if n else "")
        parts.append(Name(person["name"] or person["contact_id"], "contact", person["contact_id"]))
        if person["role"]:
            parts += [" (", Name(person["role"]), ")"]
    return [line(*parts, ".")]


def _club(account: Account) -> list[Line]:
    made = []
    for row in account.rows("loyalty", records.loyalty):
        parts: list[Part] = ["Member of ", Name(row["program"])]
        if row["tier"]:
            parts += [", level ", Name(row["tier"])]
        made.append(line(*parts, "."))
    return made
