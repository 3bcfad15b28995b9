"""What customers say that no record can settle: lead times, prices, quality, the portal, papers, manners, waste."""

from __future__ import annotations

from integrations.demo.phrases import split

LEAD_TIME = split("""
    lead time on made to order parts has become a problem
    five weeks for {product} is not competitive
    quoted lead time for {product} keeps growing
    gaskets to drawing used to take three weeks, now it is over a month
    your lead times on custom {product} are too long
    we cannot plan with these lead times
    a competitor offers the same in half the time
    why does {product} take so long to make?
    made to order takes forever these days
    the earliest date offered for {product} was after our deadline
    long lead time on specials
    lead times went up and nobody explained why
    we need {product} in ten days, not in forty
    special parts: good, but far too slow to get
    would order more custom {product} if it did not take so long
    delivery time for engineered parts is out of line with the market
    waiting more than a month for a flat gasket, really?
    your standard stuff is quick, anything to drawing is a patience game
    lead time on {product} doubled compared with last year
    please shorten lead times for made parts
    promised dates are kept, but they are set weeks too far out
    could you hold semi finished blanks so {product} gets quicker?
    we start ordering elsewhere for anything that is not on the shelf
    your production seems to be booked out forever
    quote was fine, the date was not
    the date you gave for {product} was a joke
""")
PRICE = split("""
    prices have gone up again
    {product} is too expensive
    third increase in two years
    price of {product} is above the market
    we get the same for less elsewhere
    expensive compared with others
    freight charges eat up the discount
    too pricey for what it is
    your surcharges are hard to explain to my boss
    minimum order value is too high for a small shop like ours
    I wish the volume discount were better
    good parts, steep prices
    price went up, service did not
    cheaper next door
    {product} costs a third more than last year
    the small order fee is ridiculous
    we need a better price on {product} to stay
    costs too much
    rebate came to nothing this year
    at these prices I expect gold plating
    price list changes without notice
    please look at your pricing for {product}
    quote was higher than the last one for the same quantity
    hard to justify your prices internally
    pricing is not transparent
    could be cheaper
""")
QUALITY = split("""
    quality of {product} is not what it was
    {product} failed after a few weeks
    the {product} wears out too fast
    threads were rough on the {product}
    coating peels off the {product}
    bad batch of {product}
    tolerances of {product} are off
    {product} leaked from day one
    burrs everywhere on the {product}
    finish of {product} poor
    two {product} out of the box did not pass inspection
    {product} snapped at half the rated torque
    you changed the supplier for {product}, right? it shows
    material feels cheap
    the grease separates in the can
    {product} gets noisy after a month
    rust spots on new {product}
    lasted one shift
    not the quality we pay for
    we find more rejects in {product} than before
    sealing lip was torn on several {product}
    {product} out of round
    poor workmanship
    the old version of {product} was better
    inconsistent quality from lot to lot
    disappointed by the {product}
""")
PORTAL = split("""
    the portal logs me out every ten minutes
    search in your web shop finds nothing
    could not find {product} online although we buy it every month
    portal shows stock that is not there
    uploading an order list fails half the time
    the web shop is slow
    I wish the portal showed the real delivery date
    password reset mail never arrives
    order status online is not up to date
    cannot download certificates from the portal
    checkout crashed twice
    your site does not work on the tablets in our workshop
    the new portal layout is confusing
    no way to change an order online
    online prices differ from our contract prices
    too many clicks to reorder
    web shop was down on Monday
    drawings are missing from the product pages
    the app forgets our cost center every time
    portal needs a proper order history
    your website and I are not friends
    filter for thread size would help
    punchout from our system broke again
    search, search, search and then call anyway
    page for {product} shows the wrong picture
    hard to order online
""")
PAPERS = split("""
    material certificate for {product} missing
    no packing list in {order}
    certificate of conformity not included
    the 3.1 certificate came without the heat number
    delivery note missing
    safety data sheet is outdated
    we cannot book {product} in without the test report
    customs papers incomplete for {order}
    had to ask for the certificate again
    paperwork never matches
    certificates come as blurry scans
    no lot number on the delivery note
    documents for {order} arrived after the goods
    please put the PO number on the packing list
    origin statement missing
    our quality department blocked {order} since papers are missing
    data sheet for {product} is only in German
    missing documents again
    two papers, two different lot numbers
    we keep asking for the conformity declaration of {product}
    packing list and content in different order, takes ages to check
    labels without barcode
    barcode on the box cannot be scanned
    documents incomplete
    could you mail certificates before the truck arrives?
    where do I get the inspection report for {product}?
""")
SILENCE = split("""
    nobody told us about the delay
    a short heads-up would have been enough
    we learn about changes from the driver
    no notice when the date moved
    please tell us before, not after
    I always have to ask for the status
    communication is poor
    you changed the article without saying a word
    no information at all
    we would plan around it if we only knew
    nobody informs us
    an email would have saved us a shift
    no proactive word from you, ever
    date was changed in the portal, silently
    left in the dark
    keep us posted please
    silence until we called
    tell me bad news early and I can work with it
    advance notice would be nice
    we found out by accident
    nobody bothers to let us know
    information flow needs work
    sales did not know what the warehouse had done
    your left hand does not know what the right one does
    no update, no call, no mail
    a phone call costs nothing
""")
MANNERS = split("""
    the driver was rude
    driver refused to help with the tail lift
    the person on the phone was short with me
    I was hung up on
    your colleague in billing was not friendly
    driver smoked right next to the solvents
    got a lecture instead of help
    felt like a nuisance when I called
    unfriendly service
    driver blocked our gate for half an hour
    attitude of the driver needs work
    nobody apologized
    was told to read the manual
    impolite answer
    the sales person promised a lot and was gone
    please teach your driver some manners
    arrogant reply to a fair question
    we are treated like a small fish
    driver just dropped it and left
    no respect for our dock rules
    the tone of the mail was out of line
    was put on hold with that music again and then cut off
    your visitor wore no safety shoes and argued about it
    driver did not wait for the signature
    rep never comes by anymore
    nobody takes us seriously
""")
WASTE = split("""
    far too much plastic around the parts
    a box the size of a fridge for ten gaskets
    so much filler that we need an extra bin
    please take the pallets back
    each seal in its own bag, why?
    too much packaging for small items
    we pay to get rid of your foam
    could you use paper instead of plastic
    single use pallets pile up in our yard
    one bolt per bag is madness
    three boxes in a box in a box
    packaging waste is a topic in our audit, yours is the worst
    shrink wrap upon shrink wrap
    the foam chips are all over our workshop
    use returnable crates please
    why two cartons for one can of grease
    our recycling container was full after your delivery
    less plastic please
    takes longer to unpack than to install
    bubble wrap for steel bolts?
    please offer bulk packs
    mixed materials that we cannot recycle
    cardboard mountain again
    staples in the boxes cut gloves
    way too much tape
    oversized cartons
""")
LEAVING = split("""
    we are looking at other suppliers
    honestly we have started to move orders elsewhere
    not sure we will renew the agreement
    our management asked me to get a second source
    ten years with you and I no longer see why
    nobody from your side has been here for months
    a competitor visits us every other week, you do not
    we used to be a priority, not anymore
    the last review meeting was cancelled and never set again
    it feels as if you do not want our business
    since our old rep left nobody knows our account
    we are splitting our volume from now on
    I cannot defend you in our purchasing round any longer
    last chance
    renewal? talk to my boss, I gave up
    volume goes where service is
    we have qualified another source
    you lost the {product} business, sorry
    our new orders go to someone who answers
    I have recommended not to extend the contract
    trust is gone
    strategic partner, you say. we do not notice
    promises from the last meeting were not kept
    quotes take so long that we have already bought elsewhere
    we hardly order anymore, has anyone noticed?
    another year like this will not happen
""")
