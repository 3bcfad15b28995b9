"""What customers say about things that the records can confirm: delays, damage, wrong and missing goods, bills, answers.

One sentence a line. Slots: {order} {days} {promised} {came} {product} {carrier} {qty} {hours}."""

from __future__ import annotations


def split(text: str) -> tuple[str, ...]:
    """The lines of a block."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


LATE = split("""
    {order} came {days} late
    you said {promised}, it is {came}
    promised for {promised}, arrived {came}
    delivery of {order} was {days} behind the confirmed date
    our line stood still waiting for {product} that should have been here {promised}
    late again, {days} this time
    the truck showed up {days} after the date on the confirmation
    we planned around {promised} and got it {came}
    {carrier} delivered {days} later than agreed
    another missed date: {order}, due {promised}
    I had two fitters waiting {promised} and no {product} until {came}
    your promise dates mean nothing, {order} was due {promised}
    if {promised} means {came} in your calendar please tell us next time
    thanks for the {product}, shame it turned up {days} too late for the shutdown
    great, {days} late and not even a phone call
    late delivery on {order}, {days}
    we got {order} on {came} instead of {promised}
    why confirm {promised} when it ships days later?
    had to buy {product} locally since {order} did not make it on time
    the {product} arrived after we had already rescheduled the crew
    shipment not on time, {days} overdue when it got here
    this is the third time this quarter that {carrier} is late with our goods
    customer of ours paid the price because {order} came on {came}
    on time delivery? not with {order}
    took forever, due {promised} and only here {came}
    was told {promised} by your own portal, got it {came}
    {days} delay on an order we flagged as urgent
    missed our maintenance window, {order} arrived {came}
    it arrived eventually. {days} late
    nobody can plan with delivery dates that slip by {days}
    arrival {came}, promise {promised}, you do the math
    the goods are fine but {days} late is {days} late
    receiving logged {order} on {came}, PO date was {promised}
    still no improvement on lead dates, {order} slipped {days}
""")
LATE_OPEN = split("""
    {order} was due {promised} and is still not here
    where is {order}? it should have come {promised}
    no sign of {order}, promised {promised}
    still waiting for {product} from {order}
    we are past {promised} and nothing has arrived
    tracking for {order} has not moved in days, due {promised}
    {order} overdue, please give us a real date
    {promised} came and went, no truck
    has anybody shipped {order} at all? promised {promised}
    dock booked for {promised}, nobody came with {order}
    our {product} is missing in action, was due {promised}
    {carrier} cannot tell me where {order} is
""")
DAMAGED = split("""
    {product} arrived damaged
    the pallet came with crushed corners
    half of the {product} in {order} were dented
    boxes torn open and {product} rolling around in the truck
    we had to reject {qty} pieces of {product} at the dock, broken
    {order} looked like it had been dropped from the truck
    cartons smashed, contents scratched
    the {product} was bent, unusable
    damage again on {order}, photos attached
    outer box soaked and falling apart, {product} rusted at the edges
    the crate was cracked and the {product} inside chipped
    received {product} in pieces
    nice puzzle you sent us, {product} in about forty parts
    corner of every second carton was caved in
    broken on arrival: {product}, {order}
    {qty} damaged units, please replace
    dented housings on the {product}, we cannot use them
    your packing did not survive the trip, {product} damaged
    the shrink wrap was ripped and the {product} had scrapes all over
    goods from {order} crushed at the bottom of the stack
    damaged in transit, {product}, second time
    quality control rejected the {product} for transport damage
    everything leaked, {product} all over the pallet
    the {product} was smashed on one side
    opened {order} and found bent flanges
    we unpack more broken parts than good ones lately
    edges crushed, two {product} cracked
    the box for {product} had a forklift hole in it
    transport damage on {order}, roughly {qty} pieces
    crushed packaging, scratched parts
    arrived in terrible shape, {product} is scrap
    strap marks and dents all over the {product}
""")
WRONG = split("""
    we ordered {product} and got something else
    wrong item in {order}
    the label says {product}, the box has a different size in it
    not what we ordered, {order}
    you sent the wrong {product}
    got somebody else's parts instead of {product}
    {qty} pieces of the wrong size in {order}
    picked wrong again, asked for {product}
    the thread does not match, this is not {product}
    inch instead of metric, wrong part in {order}
    opened the box for {product} and found couplers we never ordered
    wrong article number on the parts, right one on the delivery note
    mix-up on {order}, please send the {product} we asked for
    half the box is {product}, the other half is not
    your pickers need glasses, this is not {product}
    surprise box again: ordered {product}, received whatever this is
    {order}: incorrect parts delivered
    item mismatch against the PO, line for {product}
    received a different variant of {product}
    the {product} you shipped is the left hand version, we need the right
    wrong goods, have to send them back
    parts do not fit because they are not the ones on the order
    delivery note fine, content wrong ({product})
    we now own {qty} parts we cannot use, wrong pick
    second wrong shipment this month, this time {product}
    someone swapped {product} with the bin next to it
    how hard is it to put the right {product} in a box?
    incorrect size for {product}
    our assembler noticed it is the wrong {product} only after opening every bag
    please swap the items of {order}, they are not ours
""")
SHORT = split("""
    {order} came incomplete
    {product} missing from the delivery
    short shipped, {qty} missing
    only part of {order} arrived
    we counted twice, {qty} pieces of {product} are not there
    delivery note says complete, the pallet says otherwise
    half the {product} is on back order and nobody told us
    partial delivery of {order}, rest unknown
    got a fraction of the {product} we ordered
    {product} out of stock, so our order is stuck half done
    missing line on {order}
    you delivered everything except the one thing we needed, {product}
    incomplete again, {product} short
    box was one layer short of {product}
    we cannot build with half the {product}
    quantity does not match, {order}
    we ordered enough {product} for the month and got enough for a week
    back order on {product} without any date
    still waiting for the remaining {product} of {order}
    short on {product}, line is down to one shift
    {qty} short, please send the rest
    the shipment was not complete
    paid for all, received some, {order}
    where is the rest of {order}?
    counted at the dock, {product} short
    never seen {order} in one piece, it comes in drips
    every order lately has a line missing, now {product}
    fill rate on our {product} has gone downhill
    stock out on {product} again I guess
    not everything was in the box
""")
INVOICE = split("""
    invoice for {order} is wrong
    the price on the invoice is not the one on our PO
    billed the wrong amount for {product}
    our discount is missing on {order}
    we were charged list price for {product}
    invoice does not match the order confirmation
    overcharged on {order}
    three emails to get one invoice corrected
    accounting blocked the bill for {order}, price difference
    wrong price again, now on {product}
    please send a corrected invoice for {order}
    you invoiced more than you shipped
    quantity on the bill is not what we received
    the agreed conditions are not on the invoice
    I spend more time on your invoices than on your parts
    a random number generator would bill better than this, see {order}
    billing error on {order}
    invoice shows {product} at last year's price plus something
    our AP team rejects every second invoice of yours
    charged twice for one line of {order}
    wrong PO reference and wrong amount on the invoice
    can somebody fix the invoice of {order} please
    contract price not applied to {product}
    freight billed although agreed free
    the invoice total is off
    incorrect billing, {order}
    we will not pay {order} until the invoice is right
    line for {product} invoiced at the wrong unit price
    electronic invoice and PO do not match for {order}
    once more an invoice with errors
""")
SLOW_REPLY = split("""
    waited {hours} for an answer
    nobody answers our mails
    took {hours} to get a reply to a simple question
    no response to our ticket
    support is slow, {hours} until anyone reacted
    wrote twice, still nothing back
    asked about {order} and heard nothing for {hours}
    your inbox seems to be a black hole
    I have sent three mails, no reply
    customer service used to answer within the hour, now it is {hours}
    waiting for a call back that never comes
    is anybody there?
    by the time you answered the problem had solved itself
    slow replies, {hours} for a yes or no
    an automatic confirmation is not an answer
    response times are getting worse and worse
    we got a reply after {hours}, and it was a question back
    your support lets us hang
    unanswered request about {product}
    had to chase you for an answer
    {hours} of silence on an urgent matter
    maybe try carrier pigeons, it would be quicker than your support
    no feedback from your service team on {order}
    hard to reach anyone
    our question about {product} was ignored
    still no answer to my mail from last week
    the ticket has been open for {hours} without a human looking at it
    please answer your mails
    helpdesk does not help when it takes {hours}
    response took far too long
""")
CREDIT_SLOW = split("""
    still waiting for the credit note
    refund for the return of {product} takes ages
    returned goods weeks ago, no credit so far
    credit note promised in ten days, it took far longer
    where is our money for the return from {order}?
    our return has been received but not credited
    refund overdue
    the RMA was quick, the credit was not
    three reminders for one credit note
    accounting still has the credit for {order} open
    you are fast at invoicing and slow at refunding
    sent back {product}, waiting for the refund since
    credit for {order} is taking forever
    return process drags on, no refund
    we had to deduct the return ourselves because no credit came
    nobody can say when the refund comes
    it must be hard to press the refund button
    return settled at last, after weeks
    month end closed without your credit note, again
    how long does a credit take?
    slow refund on damaged goods that were your fault
    you have the goods back, we do not have the money back
    credit note missing for {product}
    no credit note, no new order, simple as that
    please speed up credit notes
    still chasing the refund for {order}
""")
