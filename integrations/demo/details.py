"""Small reasons and side remarks: what makes two people who mean the same say it differently."""

from __future__ import annotations

from integrations.demo.phrases import split

DETAILS: dict[str, tuple[str, ...]] = {
    "price": split("""
        steel has come down and your list has not
        my boss compares every line with the web
        we got a quote 12 % below yours
        we buy it by the pallet and pay as for a box
        the exchange rate cannot be the reason anymore"""),
    "quality": split("""
        the hardness is all over the place
        it looks like another maker to us
        we measured three out of ten outside the drawing
        the last two lots were the worst
        the plating is too thin"""),
    "portal": split("""
        I have to log in twice
        the filter forgets what I typed
        it only works in one browser
        the list times out with more than fifty lines
        our numbers are not mapped"""),
    "papers": split("""
        our auditor asks for them every time
        goods stay in quarantine without them
        the printer at your end seems to skip pages
        nobody at your end knows who sends them"""),
    "manners": split("""
        he was in a hurry
        I had only asked for a name
        we have rules at our gate for a reason
        it was Friday afternoon, I suppose"""),
    "waste": split("""
        we pay by the container
        our plant wants to be zero landfill by next year
        it took two of us to break it all down
        the foam cannot be recycled here"""),
    "lead_time": split("""
        our own customers order three weeks ahead
        the machine stands until we have it
        our planning horizon is twenty days
        your shop seems to wait for raw material"""),
    "leaving": split("""
        our calls are not returned
        new people here do not know you
        the numbers of the last half year speak for themselves
        service is worse than it was
        nobody followed up on the last meeting"""),
    "punctual": split("""
        the driver called ahead
        the slot was booked properly
        tracking was right to the hour
        your dispatch had it ready early"""),
    "staff": split("""
        they know our machines
        {agent} picked up at once
        nobody made me repeat the story
        they called back even after hours
        they looked up the old drawing for us"""),
    "fine_goods": split("""
        they simply last
        tolerances are spot on
        we had them in salt water for months
        the crew asks for them by name
        nothing had to be reworked"""),
    "easy": split("""
        my lists are saved
        everything is where I expect it
        stock is shown by warehouse
        I do not have to phone anymore"""),
    "packed": split("""
        each layer had a card
        the straps were tight
        every box had our line number on it
        corners were protected"""),
}
TAILS = split("""
    at our main plant
    here in receiving
    for the second shift
    this month
    last week
    as far as I can see
    according to our warehouse
    for our site across the river
    and I am not the only one who says so
    in my book
    for what it is worth
    if you ask me
    so our people tell me
    at plant 2
    same as in spring
    speaking for maintenance
    on our end
    no joke
    from what I hear
    for once
    over here
    in our branch
    the crew says
    as of today
""")
