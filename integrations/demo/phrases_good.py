"""Praise, small talk and noise; how comments begin and end."""

from __future__ import annotations

from integrations.demo.phrases import split

PUNCTUAL = split("""
    {order} arrived right on time
    on time as always
    delivery on the promised day, thanks
    came {promised} as promised
    punctual, no complaints
    {carrier} was here at eight sharp
    you can set your watch by these deliveries
    delivered when you said you would
    the truck came when it should
    quick delivery
    arrived even earlier than we needed it
    fast shipping from your warehouse
    ordered and there it was, {promised} on the dot
    deliveries have been reliable
    on the dock when promised
    good delivery performance
    truck on time, driver friendly
    prompt delivery of {product}
    arrived on schedule
    the slot was kept to the minute
    right day, right dock
    delivery date kept
    reliable dates, makes planning easy
    no delay, well done
    super fast delivery
    {order} here on time, thank you
""")
STAFF = split("""
    inside sales is great to work with
    your people know their stuff
    friendly and competent on the phone
    {agent} was a great help
    thanks to {agent} for sorting it out
    always a real person who helps
    quick answer to my question about {product}
    the rep came by and fixed it on the spot
    excellent support
    got a call back within minutes
    our account manager thinks ahead
    very helpful team
    {agent} found an alternative for {product} in no time
    polite driver who helped with unloading
    customer service is top
    I like that I always get the same contact
    the technical advice was spot on
    great service
    they really listened
    problem solved in one call
    super responsive
    you went out of your way for us
    support knew the answer right away
    nice people
    {agent} deserves a raise
    honest advice, even though it meant a smaller order
""")
FINE_GOODS = split("""
    {product} is excellent quality
    {product} does what it should
    very happy with the {product}
    quality as expected
    the {product} lasts longer than the one we had before
    good quality parts
    {product} fits perfectly
    consistent quality, lot after lot
    no rejects so far
    runs smoothly since we use your {product}
    solid product
    the best {product} we have tried
    parts are clean and well finished
    passed incoming inspection without a remark
    well made
    our mechanics swear by the {product}
    great gloves, seriously
    top notch {product}
    good value for money
    material and finish are perfect
    no issues with the {product}
    exactly what we needed
    the {product} holds up well
    quality is fine
    reliable parts
    would buy {product} again
""")
EASY = split("""
    ordering online is easy
    the portal saves me a lot of time
    order approved within minutes now, love it
    confirmation came right away
    reorder in three clicks
    great web shop
    easy to find everything online
    finally no more waiting for order approval
    checkout is quick
    upload of our order list works like a charm
    the stock display online is helpful
    smooth ordering
    I like the new portal
    straightforward from quote to order
    electronic ordering runs without a hitch
    simple and quick to order
    I can see all my orders in one place
    ordering from the tablet works well
    the saved lists are a blessing
    portal is clear and fast
    ordered at ten, confirmed at ten past
    search finds parts by our own numbers, nice
    user friendly shop
    the order process is painless
    everything self explaining
    online ordering just works
""")
PACKED = split("""
    well packed
    everything arrived in one piece
    packaging was solid
    neatly packed and labelled
    pallet wrapped well
    labels with our PO number, perfect
    no damage at all
    good sturdy boxes
    clean pallets, nice stacking
    parts sorted by line, great for receiving
    carefully packed
    came in perfect condition
    easy to unpack
    boxes clearly marked
    goods well protected
    packing list right on top, thanks
    all complete and undamaged
    nothing broken, nothing missing
    kits packed the way we asked
    returnable crates work well
    strapped properly
    packed with care
    packing is great
    the layer cards helped
    arrived safe and sound
    you can tell somebody cares about packing
""")
HAPPY = split("""
    all good
    thanks!
    no complaints
    keep it up
    happy customer
    as always, perfect
    very satisfied
    good work
    everything fine
    would recommend
    A+
    great partner for us
    nothing to add
    top
    we are happy with you
    ok
    satisfied
    good supplier
    glad we switched to you
    five stars
    works for us
    great job everyone
    best supplier we have
    perfect
    smooth from start to end
    fine, thank you
""")
MEH = split("""
    ok I guess
    it was alright
    nothing special
    average
    neither good nor bad
    does the job
    could be better, could be worse
    so so
    no opinion
    see above
    as usual
    acceptable
    it is what it is
    fine for now
    meh
    in order
    we will see
    mixed
    had better, had worse
    not much to say
""")
NOISE = split("""
    n/a.
    test
    asdf
    ???
    .
    please remove me from the survey list
    too many surveys
    unsubscribe
    wrong person, I only receive goods
    I do not know why I get this
    same as last time
    see my mail
    ask purchasing
    FYI
    who reads this anyway
    will answer later
    filled in on behalf of a colleague
    x
    happy holidays to all of you
    is the Reno site open on Labor Day?
    please send the new catalog
    what is your bank account number for payments?
    do you have an apprentice program?
    our office moves next month, new address follows
""")
GREETINGS = split("""
    Hi,
    Hello,
    Hi team,
    Dear all,
    Good morning,
    To whom it may concern,
    Hey,
    Hello together,
    Dear Sir or Madam,
    Hi there,
""")
OPENERS = split("""
    FYI
    just so you know
    to be honest
    quick feedback
    sorry to say
    unfortunately
    I have to say
    for the record
    as already said on the phone
    once more
    from receiving
    from our maintenance guys
""")
LINKS = split("""
    also
    and
    on top of that
    besides
    then
    plus
    another thing
    next
    what is more
    to make it worse
""")
BUTS = split("""
    but
    however
    on the other hand
    that said
    still
    on the plus side
""")
ASKS = split("""
    please call me back
    please fix this
    when can we expect a solution?
    let me know
    please advise
    we expect better
    do something about it
    please take this seriously
    need an answer today
    thanks in advance
    not acceptable
    please make sure it does not happen again
    waiting for your reply
    this has to stop
""")
SIGNS = ("Regards,", "Best,", "Thanks,", "Kind regards,", "BR", "Rgds", "Sincerely,", "Cheers,")
