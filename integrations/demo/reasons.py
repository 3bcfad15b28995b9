"""Why it happened, as customers tell it: by topic and reason, several ways to say each."""

from __future__ import annotations

from integrations.demo.phrases import split

JOINTS = (
    " because {}",
    " because {}",
    ", because {}",
    " since {}",
    ", apparently {}",
    " - {}",
    ". Turns out {}",
    ". Reason: {}",
    " ({})",
)

REASONS: dict[str, dict[str, tuple[str, ...]]] = {
    "late": {
        "carrier hub": split("""
            it sat in the {carrier} hub for days
            {carrier} had it stuck at their northern terminal
            the trailer stood at the carrier's depot over and over
            {carrier} missed the linehaul connection again
            tracking showed it parked in the {carrier} hub
            their new terminal up north cannot cope
            {carrier} was waiting to fill the truck
            it never left the depot when it should have"""),
        "wrong dock": split("""
            the driver left it at the wrong dock
            it was dropped at our neighbour's gate
            the driver went to the old site
            it was unloaded at dock 9 instead of receiving
            the driver did not read the dock instructions"""),
        "no slot": split("""
            the driver came without a slot and was sent away
            nobody booked an unloading slot
            he turned up after receiving had closed
            the carrier did not call ahead as agreed"""),
        "not picked": split("""
            your warehouse had not picked it
            it left your warehouse a day after it should have
            it was not even packed on the promised day
            the warehouse shipped it late
            your people forgot it on the staging lane"""),
        "weather": split("""
            the roads were closed by snow, they said
            of the storm, or so I was told
            weather held up the truck"""),
    },
    "damaged": {
        "thin edges": split("""
            the new cartons are far too thin at the edges
            the cardboard corners are a joke now
            the edge boards have gone thin since you changed the packaging
            the new P-14 boxes do not carry the weight
            whoever saved money on the corner protectors did us no favour
            the new packaging folds under load
            the old boxes were sturdier"""),
        "stacked": split("""
            it was stacked under heavier freight
            someone double stacked the pallets
            a motor crate was put on top of it
            it travelled at the bottom of the pile"""),
        "rain": split("""
            it stood in the rain on the dock
            the pallet got wet
            the wrap was open and rain got in"""),
        "rough handling": split("""
            the forks went straight through the box
            it was thrown off the tail lift
            nobody strapped the load
            the driver could not care less"""),
    },
    "wrong_item": {
        "bins mixed up": split("""
            the bins in Reno must be mixed up
            your Reno warehouse mixes up fittings that look alike
            the bin labels over there are wrong, I was told
            somebody relabelled the fittings shelves
            parts that look alike sit next to each other in your warehouse"""),
        "wrong label": split("""
            the label on the bag was wrong
            bag and label do not match
            it was labelled as the right part"""),
        "old part number": split("""
            the order was entered under the old part number
            our number was mapped to an old article
            your system still has the replaced number"""),
        "rushed": split("""
            it was picked in a hurry
            nobody checked the box before it left"""),
    },
    "short": {
        "out of stock": split("""
            {site} ran out of stock
            you had none left on the shelf
            your supplier let you down, we were told
            it was out of stock although the portal said available
            stock was sold twice"""),
        "miscount": split("""
            somebody miscounted
            one carton was left behind
            the last layer was not loaded"""),
        "split shipment": split("""
            it was split over two shipments without telling us
            the second pallet went elsewhere
            half of it was sent later"""),
    },
    "invoice": {
        "new system": split("""
            your new billing system lost our conditions
            since the system change nothing is right
            the new invoicing does not know our contract prices
            you moved to a new system in April and our terms did not
            the EDI invoices come from the new system now
            the discount did not survive your migration"""),
        "price not updated": split("""
            the agreed price was never entered
            somebody used the old price list
            the quote was not carried over"""),
        "freight": split("""
            freight was added that we had agreed to be free
            a surcharge nobody had mentioned was on it"""),
        "typo": split("""
            somebody typed the quantity wrong
            the line was entered twice"""),
    },
    "slow_reply": {
        "email queue": split("""
            e-mails land in a shared inbox that nobody owns
            mails go to a general queue these days
            since May there is only one address for everything
            the mailbox is overloaded, your colleague said
            mail is handled by another team now"""),
        "passed around": split("""
            everyone passes it on to someone else
            we were sent from one desk to the next
            nobody felt responsible"""),
        "person gone": split("""
            our contact left and nobody took over
            our rep is on leave without a stand-in"""),
        "understaffed": split("""
            you seem to have too few people on the phones
            the team is short of people, they admitted"""),
    },
    "credit_slow": {
        "approval": split("""
            every credit needs a second signature now
            it waits for approval somewhere in finance
            returns over some amount go to a manager first since last fall
            the new approval step takes weeks"""),
        "inspection": split("""
            inspection at your warehouse takes so long
            nobody had booked the goods in
            the goods stood unopened in returns"""),
        "lost papers": split("""
            the return papers got lost
            the RMA number was not on the pallet, they claim"""),
    },
}
