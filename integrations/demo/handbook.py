"""The handbook of the twenty topics, as the demo company's people would read it."""

from __future__ import annotations

TOPICS: tuple[tuple[str, str], ...] = (
    (
        "Customer relationship management",
        "CRM is the habit of treating each customer as one relationship, whoever in the house happens to be talking to them. In a "
        "business that makes, stores and delivers goods the relationship is felt mostly through logistics: was the date kept, was the "
        "box complete, did somebody call before the truck was missed. The records of sales, service and delivery therefore belong "
        "together under one customer number, with people, promises, orders, returns and complaints side by side. Three questions guide "
        "daily work. Who is this customer to us, and we to them? What did we promise, and did we keep it? What happens next, and who "
        "does it? A system helps only if it saves time before a call and asks for little after it. Measure it by promises kept and "
        "accounts that grow, not by fields filled in. The account owner answers for the whole picture; everyone else adds the part "
        "that they see.",
    ),
    (
        "Customer segmentation",
        "Segmentation groups customers that want similar things or deserve similar effort, so that service can differ on purpose "
        "rather than by accident. Useful bases are behaviour (how recently, how often and how much they buy), needs (short dates, small "
        "lots, certificates, custom parts) and worth (margin after the cost to serve). Industry or size alone rarely explain how a "
        "customer wants to be served. A good segment is large enough to matter, different enough to be noticed, reachable with an "
        "offer of its own and stable over a few quarters. Name segments in words that sales uses. Review them twice a year, and look "
        "at who moved: a customer that slips from frequent to occasional is news. Keep the number small, five to seven; nobody can "
        "run thirty service designs. Test a segment by asking what we would do differently for it tomorrow. If the answer is nothing, "
        "drop it.",
    ),
    (
        "Customer lifetime value",
        "Lifetime value estimates what a relationship is worth from now on: the margin of future orders, weighted by the chance that "
        "the customer is still with us, discounted to today. Without a contract nobody tells us when they leave, so the chance has to "
        "be read from the rhythm of orders. A customer who bought every week and has been silent for two months is probably gone; one "
        "who buys twice a year is not. The figure guides how much to spend on winning, keeping and developing accounts, and it puts "
        "a late pallet for a lasting customer next to a large one-off deal. Use margins after returns and cost to serve, not sales. "
        "State the horizon, three years with us, and the discount rate. Treat the result as a range: for customers with few orders it "
        "is wide. Past profit is a poor stand-in, since it rewards those who used to buy.",
    ),
    (
        "Activity-based costing",
        "Two customers with the same sales can differ widely in what they cost. Activity-based costing finds the difference by charging "
        "the work that each one causes: taking orders, picking lines, shipping, expediting, handling returns, answering calls. Each "
        "activity is a pool of money with a driver, and the rate is the pool's cost divided by the practical capacity, not by last "
        "month's volume. What is not used stays visible as unused capacity and is nobody's fault but our planning's. Charges by "
        "customer, taken off the gross margin, give the net margin. Ranked from best to worst and added up, it draws the whale curve: "
        "profit rises above the total, then the tail eats it. Do not drop the tail customers first. Look at the drivers: many small "
        "rush orders can be bundled, priced or moved to the portal. Most losses are habits that both sides can change.",
    ),
    (
        "Service level differentiation",
        "Promising everyone the same is either too dear or too little for those who matter. Differentiated service sets levels by tier: "
        "platinum, gold, silver and standard, each with targets for fill rate, on-time delivery, order cycle, first response and "
        "resolution. A tier follows value, margin after the cost to serve and strategic weight; it changes only after two reviews in "
        "a row, so that nobody bounces. What a tier gets must be real in operations: reserved stock, picking priority, a named person, "
        "a delivery slot. Report attainment by tier with the number of orders behind it; a missed target on eleven orders is a hint, "
        "not a verdict. Watch for two errors. One is serving standard customers at platinum level because they shout. The other is "
        "the strategic account that has the tier on paper and gets ordinary service in the warehouse.",
    ),
    (
        "Voice of the customer",
        "Customers tell us what they think in surveys, reviews, tickets, mails, calls and posts. The voice of the customer gathers it, "
        "sorts it by what is meant rather than by keyword, and keeps the link to the order it speaks of. Three layers are worth "
        "reading: the topic (goods arrive damaged), the reason they give (edges too thin since the new boxes) and who says it (one "
        "packaging, all warehouses). Then check the claim against the record. Most complaints are borne out; some are not, and both "
        "facts matter to the person who answers. Count comments and customers separately, since one angry buyer can write ten times. "
        "A theme is ready for action when it has a size, a trend, a likely cause, and an owner. Close the loop: tell those who "
        "complained what was changed. Praise belongs in the report too, it shows what to protect.",
    ),
    (
        "Order decoupling point",
        "The decoupling point is the place in the chain where goods stop being made on forecast and start to belong to an order. Behind "
        "it we plan and hold stock; past it we respond. Where it should lie depends on two times: P, how long we need to supply or "
        "make the article, and D, how long the customer is willing to wait. If D is longer than P we can make to order. If it is "
        "shorter, something has to be ready beforehand: finished stock, or parts to assemble. Variety pulls towards the customer's "
        "order, volume and steady demand pull towards stock. Bearings and bolts are stocked, hub units assembled, gaskets made to "
        "drawing, manifold blocks engineered. Review an article when its lead time grows, for the point may have moved without "
        "anybody deciding so. Semi-finished blanks are often the cheapest way to win back days.",
    ),
    (
        "Service strategy",
        "A service strategy says which customers we want to serve better than others do, on what, and what we will not do. It links "
        "three things: what a segment values, what our operations can do reliably, and what it pays for. For hospitals that may be "
        "certainty of the date; for repair shops a person who knows the part; for large makers clean electronic orders and invoices. "
        "Write the promise in figures, fund the capability, and price what goes beyond it. Rush service at no charge is a strategy as "
        "well, only nobody chose it. Compare perceived and delivered service every quarter: where the figures are fine and the voices "
        "are not, we measure the wrong thing. Keep the number of offers small and let sales trade them openly. A promise that needs "
        "heroes each week is a design error, not a virtue.",
    ),
    (
        "Order-to-delivery cycle",
        "The order-to-delivery cycle is all the time between a customer's order and the goods on their dock. It splits into approval, "
        "waiting and picking, packing, and transport. Customers see the whole, so improvements to one stage count only if the rest "
        "does not eat them up. Use the median and the slow tenth rather than the mean: it is the slow tenth that people remember. "
        "Compare late orders with punctual ones stage by stage; the stage with the largest gap is where to look first. A carrier with "
        "a full hub shows up as transport, a short article as waiting, a credit check as approval. Reliability beats speed: "
        "a customer can plan for nine days, not for five to fourteen. The first promise is the one that counts; a later date moved by "
        "us is information, not a new target.",
    ),
    (
        "Collaborative planning, forecasting and replenishment (CPFR)",
        "In CPFR the customer and we share forecasts, compare them, and agree on what to send before it becomes urgent. Both parties plan "
        "the same articles in the same buckets; differences beyond a threshold become exceptions that two named people settle. Keep "
        "every version with its date, because a forecast can only be judged by what it said before the period began. Look at error "
        "and bias separately. Error is unavoidable, bias is a habit: a partner who always plans a third too much is protecting himself "
        "against our shortages, and we pay with stock. Ask whether a forecast beats the naive one, last month again. If it does not, "
        "less planning would be better planning. Replenishment then takes the agreed forecast over the lead time, adds safety stock "
        "and takes off what is on hand and on order. Review the partnership by fill rate, stock and hours spent.",
    ),
    (
        "Customer experience management",
        "Experience is what customers remember of all their contacts with us: asking, ordering, waiting, receiving, paying, complaining, "
        "renewing. Experience management maps this journey, asks at each step what they expect, and measures effort and feeling next "
        "to our own figures. A few moments weigh more than the rest: the first order, the first mistake, the handover to a new contact. "
        "Scores such as satisfaction or the net promoter score say how much, comments say why; neither is enough alone. Find which "
        "themes move the score of those who mention them, and start where effect and frequency are both high. Fix the cause, not the "
        "tone of the apology. When something goes wrong, speed and honesty repair more than vouchers. Remember the silent ones: most "
        "unhappy customers never write, they just order a little less.",
    ),
    (
        "Strategic account management",
        "A strategic account is one whose future matters more than its present sales: reach, know-how, a market we want. Such accounts "
        "get a plan, an owner with authority across departments, and a sponsor among the managers. The plan names their goals, the "
        "people who decide, our share and what could grow it, the risks, and what each side has promised. Review it every quarter with "
        "the customer in the room. Warning signs come early and in small things: visits become rare, a contact leaves and is not "
        "replaced, quotes are not answered, the usual order does not come, mails get shorter. Any two of these call for a visit, not "
        "for another report. Count the cost as well, since attention is scarce; five accounts done well beat twenty on a list. "
        "Strategic is a decision about the future and should expire unless it is renewed.",
    ),
    (
        "Service metrics",
        "Service is measured from the customer's side. Fill rate asks whether what was ordered went out at first: by line, by unit or "
        "by order, three different answers. On-time delivery compares the day of arrival with the first promise. The perfect order "
        "wants everything at once: on time, in full, undamaged, right papers and bill. An order still open past its date is a miss, "
        "although many reports forget it. Give the number of orders and a range with every rate, and do not rank customers on a "
        "handful. Choose few figures, define them once, and keep the definition when the result is unpleasant. Averages hide; look at "
        "warehouse, carrier, region, category and tier. And read the voices next to the figures: customers do not feel percentages, "
        "they feel the one order that stopped their line.",
    ),
    (
        "Demand segmentation",
        "Articles differ in how they are wanted, and one planning rule cannot suit all. Two axes help: how often there is any demand, and "
        "how much its size varies. Smooth demand is planned with simple averages. Intermittent demand, many empty weeks and then "
        "a similar quantity, needs methods made for it. Erratic demand comes often but in changing sizes; lumpy demand is rare and "
        "uneven, and is better met to order or with a talk to the two customers behind it. Add value: A articles earn a person's "
        "attention, C articles a rule. Look also at who asks: a segment's rush orders may turn a smooth article erratic. Safety stock, "
        "review rhythm and even the place where stock is held follow from the class. Reclassify every quarter, with some patience, "
        "so that articles do not flip back and forth.",
    ),
    (
        "Customer retention and loyalty",
        "Keeping a customer is usually cheaper than winning one, but not at any price. Retention counts who stayed; loyalty asks whether "
        "they would stay if they had the choice. Measure retention by cohort and by money, because a customer who remains with half of "
        "the volume is half lost. Early signs are longer gaps between orders, fewer categories, colder comments, unanswered quotes. "
        "Reasons are mostly service, then price. A programme such as Yard Club can raise the frequency of orders, yet compare members "
        "with similar customers and with their own past before praising it: the loyal join first. Spend on the moments that build "
        "trust, an honest date, a credit note without reminders, more than on points. When a valuable customer slips, call within the "
        "week, ask openly, and bring one repair that is already under way.",
    ),
    (
        "Omnichannel service",
        "Customers order and ask through the portal, EDI, phone, mail, shop and field staff, and expect each to know what the other was "
        "told. Omnichannel means one stock, one price, one history. It is not being everywhere; it is being consistent where the "
        "customer already is. Compare channels by what they cost, how quickly they answer and how often a matter has to move to another "
        "one. A question by mail that becomes two calls was answered by the wrong channel. If one of them slows down, people do not "
        "complain about the channel, they say that nobody answers. Steer gently: make the portal quick, keep the phone for what is "
        "urgent, and do not punish those who prefer a person. Promise the same first response for the same tier wherever it comes in, "
        "and staff for it. Handing over includes the story so far; nobody should tell it twice.",
    ),
    (
        "Customer-centric supply chain design",
        "The usual chain is designed from the factory outwards; a customer-centric one starts at the customer's dock. First ask each "
        "segment how long it can wait, how even its demand is, how much variety it needs and what failure costs it. Then choose "
        "warehouses, stock, transport and planning rules that fit, more than one chain if needed: a lean one for steady volumes, "
        "an agile one for surprises, a made-to-order one for specials. Compare need and performance in a table and close the widest gap "
        "that pays. Shared resources are fine as long as priorities are written down. Designing for everyone's average fits nobody: "
        "hospitals need certainty, builders need the right site at seven in the morning. Check the design yearly, and whenever "
        "a segment changes its habits, for instance from weekly orders to daily rush ones.",
    ),
    (
        "Returns and post-sales service",
        "What happens after delivery decides on the next order. Returns come from damage, wrong picks, faults, and changed minds; each "
        "has its own cure, so the reason code must be honest. The path is request, goods received, checked, decided, settled; measure "
        "the time from request to credit as the customer feels it. A refund that waits for a second signature costs more goodwill than "
        "it saves money. Watch the return rate by article, packaging, warehouse and carrier, and match returns with the orders they "
        "belong to rather than with the same month's sales. Value recovered depends on speed too: restock first, repair second, scrap "
        "last. Spare parts, advice and repairs are part of the product. Handled well, a return can leave a customer more loyal than "
        "an order without incident; handled slowly, it is the start of leaving.",
    ),
    (
        "Predictive customer analytics",
        "Prediction uses the past to say what is likely next: who may stop buying, what a customer might need, when the next order is "
        "due, which complaints will grow. It is worth something only if someone acts on it and if it beats a simple rule; a list of "
        "customers whose gap is longer than usual is hard to beat. Test every model on a period it has not seen, and say how often it is "
        "right at the top of the list, where people will call. Show the reasons with the score. Probabilities should mean what they "
        "say: of ten customers at thirty per cent, about three leave. Beware of looking ahead by accident, such as using a closing "
        "date to predict closing. Models age; check them each quarter. And association is not cause: members order more, which does "
        "not prove that membership makes them.",
    ),
    (
        "Relationship trust",
        "Trust is the customer's readiness to depend on us without checking twice. It has two sides: credibility, we can do what we say, "
        "and goodwill, we will not take advantage. Both are built by small kept promises and lost by surprises. It shows in behaviour: "
        "sharing forecasts, accepting a date without a call, giving a second chance after a mistake. We can follow it through promises "
        "kept, answers in time, recovery after complaints and correct documents, put together with open weights; with too few events "
        "we say that we do not know. A broken promise announced early hurts less than one discovered. Do not claim what the record "
        "does not show. When trust is low, promise less and keep all of it, with names and dates, and let the customer see the list. "
        "It grows slowly, falls in a day, and outlives a price advantage.",
    ),
)
