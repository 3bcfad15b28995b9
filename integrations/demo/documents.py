"""What is written down: policies, change notices, playbooks, account notes and the handbook."""

from __future__ import annotations

import numpy as np
import pandas as pd

from integrations.demo.company import BIASED_NAME, SLIPPING_NAME
from integrations.demo.handbook import TOPICS

# title, kind, day, text
POLICIES: tuple[tuple[str, str, str, str], ...] = (
    ("Service policy by tier", "policy", "2025-01-15",
     "Platinum customers are promised a line fill rate of 98 %, on-time delivery of 97 %, first response within 4 hours and resolution "
     "within 48 hours. Gold: 97 %, 95 %, 8 and 72 hours. Silver: 95 %, 93 %, 16 and 96 hours. Standard: 92 %, 90 %, 24 and 120 hours. The "
     "order cycle target is 12, 14, 16 and 18 days. On time means on or before the first date that we promised. A date that we move "
     "later does not change the promise. Tiers are reviewed in March and September; a person decides."),
    ("Returns and credit notes", "policy", "2025-02-03",
     "Customers may return standard articles within 30 days of delivery, unused and in their packaging. Damaged and wrongly delivered goods "
     "are taken back at our cost at any time within 90 days. Ask for an RMA number on the portal or by phone. A credit note is issued within "
     "ten days of the goods being received. Made and engineered parts are taken back only if they are faulty."),
    ("Change notice: second signature on credits", "notice", "2025-11-03",
     "From 3 November 2025 each credit note needs a second signature by the returns manager. Prepare the file completely before it is sent on. "
     "Replacements do not need the second signature."),
    ("Claims for transport damage", "policy", "2025-03-10",
     "Note damage on the carrier's papers, take photographs, and report it within five working days. We replace or credit first and settle "
     "with the carrier afterwards. Carriers are charged monthly. Name the packaging code on every claim (P-10, P-11, P-12, P-14)."),
    ("Change notice: packaging P-14", "notice", "2026-02-02",
     "Packaging P-14 replaces P-12 step by step for bearings, fittings and lubricants from 2 February 2026. It uses 18 % less board and costs "
     "0.42 less a carton. Edge protectors are no longer added by hand. Stocks of P-12 are used up alongside."),
    ("Change notice: billing system for EDI customers", "notice", "2026-04-13",
     "Invoices of EDI orders are made in the new billing system from 13 April 2026. Contract prices and discounts were carried over by "
     "interface. Report differences to finance with order number and line. Orders from other channels follow next year."),
    ("Change notice: shared mailbox for service", "notice", "2026-05-04",
     "From 4 May 2026 service mails go to one shared mailbox for all sites. Personal addresses forward to it. Phone, chat and portal requests "
     "stay with the site teams as before."),
    ("Change notice: automatic approval of web orders", "notice", "2025-10-06",
     "Web orders within the credit limit are approved automatically from 6 October 2025. Orders above the limit are looked at within four "
     "working hours."),
    ("Change notice: Reno pick area", "notice", "2026-03-02",
     "The pick area for fittings in Reno was rearranged on 2 March 2026. Shelf labels are printed by the new handhelds. Similar sizes now lie "
     "side by side to shorten walking."),
    ("Rush orders", "policy", "2025-01-15",
     "A rush order is one wanted within two working days. It is approved and picked first and goes by express. No surcharge applies at "
     "present; sales may ask for one above 25 orders a year. Rush handling costs us several times a normal order."),
    ("Made-to-order lead times", "policy", "2026-03-16",
     "Gaskets, hydraulic seals and manifold blocks are made or engineered to order. From 16 March 2026 nine working days are added to promised "
     "dates because the second cutting machine is being rebuilt. The end of the rebuild has not been fixed."),
    ("Carriers and lanes", "policy", "2025-04-01",
     "Five carriers serve us: Norrland, Swiftline, Harbor Freightways, BlueRoute and Keystone Parcel. Norrland carries most of the north "
     "region from Albany. Carriers are reviewed each quarter on arrivals by the promised date. Two quarters below 92 % start a formal talk."),
    ("Yard Club rules", "policy", "2026-01-12",
     "Members collect a point for every ten of sales. Tiers are cart, truck and crane. Since the relaunch of 12 January 2026 points can be "
     "used for freight, training and tools. There are no points on rush surcharges."),
    ("Planning agreement with forecast partners", "policy", "2025-05-01",
     "Partners send a monthly forecast by the 13th of the month before. Ours is ready by the 19th. Differences above 20 % are settled by the two "
     "planners. The last version made before the month begins counts."),
    ("Complaint playbook", "playbook", "2025-06-20",
     "Listen first and repeat what you understood. Look up the order before you explain anything. Say what is known, what is not, and when "
     "you will call again. Do not promise on behalf of the warehouse. Write the promise down with a date and an owner. Afterwards check that "
     "it was kept."),
    ("Account review playbook", "playbook", "2025-09-01",
     "Prepare with the brief: what they buy, how we served them, what they said, what we promised. Agree on three points at most. Bring one "
     "repair that is already under way. Send the list of promises the same day."),
    ("Winning back a customer", "playbook", "2026-01-20",
     "Call within a week of the second sign: no order beyond the usual gap, unanswered quotes, a contact that left, colder comments. The owner "
     "visits with somebody from operations. Offer certainty before discounts."),
    ("Fasteners shortage at Dallas", "notice", "2026-09-14",
     "A supplier of fasteners missed two shipments to Dallas. Expect partial shipments until the middle of November. Reno can help out with "
     "common sizes; ask supply planning before you promise a date."),
)  # fmt: skip
NOTES: dict[str, tuple[str, ...]] = {
    "Acme Industrial": (
        "Buys fasteners and cutting tools for its own sites and for building projects. Purchasing is central; sites call off. They care about "
        "complete deliveries more than about price. Prefers one delivery a week to Dallas.",
        "Meeting of 8 September: happy with the portal, asked for earlier word on shortages. Promised a call from supply planning.",
    ),
    "Acme Foods": ("Sister company of Acme Industrial, buys on its own. Hygiene rules: no wooden pallets past the gate.",),
    "Globex": (
        "Electronics maker in the west with its own warehouse. Orders mostly by EDI. Wants conformity papers with each delivery.",
        "Mentioned that a competitor offers consignment stock. They would stay for clean invoices and firm dates.",
    ),
    SLIPPING_NAME: (
        "Shipyard group and one of our oldest customers. Fittings and lubricants under a three-year agreement that ends in December 2026.",
        "Our contact of many years, head of purchasing, left in April 2026. Introduction to the successor is open. Review of June was cancelled "
        "by us and has no new date.",
    ),
    BIASED_NAME: (
        "Forecast partner since 2025. Sends figures for ten main articles. Their planners add a reserve since the shortages of spring 2025. "
        "Stock at our side has grown.",
    ),
    "Pinnacle Aero": ("Needs lot numbers and material certificates on paper. No partial deliveries without a call.",),
    "St. Brendan Hospitals": ("Deliveries only between six and ten, through the east gate. A missed slot means the next day.",),
    "Norcross Hydraulics": ("Not to be confused with Norcrest Hydraulics. Service workshops; buys fittings and seals.",),
    "Norcrest Hydraulics": ("Not to be confused with Norcross Hydraulics. Builds presses; buys by project.",),
    "Lakeshore Foods": (
        "Moved to daily ordering in January 2026 to keep its store room small. Orders are small and wanted the next day.",
    ),
}
LIKES = (
    "short calls in the morning",
    "figures before opinions",
    "a visit each quarter",
    "everything in writing",
    "dealing with one person",
)
WANTS = (
    "firm dates",
    "complete deliveries",
    "clean papers",
    "fewer and larger deliveries",
    "quick credit notes",
    "better prices on volume",
)
NEXT = (
    "Ask about next year's volume.",
    "Show the portal to the new buyer.",
    "Bring samples of the new seals.",
    "Check the open quote.",
)


def documents(rng: np.random.Generator, firms: pd.DataFrame) -> pd.DataFrame:
    """Policies, notes on the named and the better accounts, and the handbook."""
    rows: list[dict[str, object]] = [_row(title, text, kind, "", when) for title, kind, when, text in POLICIES]
    rows += [_row(title, text, "handbook", "", "2025-01-02") for title, text in TOPICS]
    ids = dict(zip(firms["name"], firms["customer_id"], strict=True))
    for name, notes in NOTES.items():
        for number, text in enumerate(notes):
            rows.append(
                _row(f"{name}: account note {number + 1}", text, "account note", ids[name], f"2026-0{3 + 3 * number}-17")
            )
    better = firms[firms["service_tier"].isin(["platinum", "gold"]) & ~firms["name"].isin(list(NOTES))]
    columns = (better[c] for c in ("name", "customer_id", "industry", "region", "account_owner"))
    for name, customer, industry, region, owner in zip(*columns, strict=True):
        likes, wants, then = (str(rng.choice(bank)) for bank in (LIKES, WANTS, NEXT))
        month, day = int(rng.integers(1, 10)), int(rng.integers(1, 28))
        text = (
            f"Customer in {industry}, region {region}, looked after by {owner}. Likes {likes}. Main wish: {wants}. Next: {then}"
        )
        rows.append(_row(f"{name}: account note", text, "account note", customer, f"2026-{month:02d}-{day:02d}"))
    frame = pd.DataFrame(rows)
    frame.insert(0, "document_id", [f"D-{101 + i}" for i in range(len(frame))])
    return frame


def _row(title: str, text: str, kind: str, customer: str, when: str) -> dict[str, object]:
    return {
        "title": title, "text": text, "kind": kind, "customer_id": customer or None, "audience": None,
        "updated_at": f"{when}T15:00:00Z", "url": None,
    }  # fmt: skip
