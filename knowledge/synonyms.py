"""Words under which companies' exports call the canonical columns and their values, in several languages, as data."""

from __future__ import annotations

from pathlib import Path

import yaml

COLUMNS: dict[str, dict[str, str]] = {
    "customers": {
        "customer_id": "customer id|customer no|customer number|customer code|account id|account no|account number|client id|client no|cust id|custno|debtor no|company id|kundennummer|kundennr|kunden nr|kundnummer|id client|numero client|cliente id|buyer id|sold to|user id|crm id|bp code|business partner|buyer|buyer code|klant no|cliente no|asiakas no|kunde no|client code|member id|member no|sold to party|sell to customer no|bill to customer no|customer email|buyer email",
        "name": "customer name|account name|company|company name|client name|name|customer|account|client|reviewer name|author name|organisation|organization|legal name|firma|firmenname|kunde|kundenname|kund|raison sociale|nom client|cliente|empresa|business name|bp name|buyer name|buyer|klant|asiakas|kundin|ship to name|bill to name",
        "industry": "industry|sector|branch of trade|vertical|branche|segment|naics|sic|line of business",
        "region": "region|state|province|territory|county|area|bundesland|gebiet|county state|billing state|sales region",
        "country": "country|country code|land|pays|pais|billing country|nation",
        "size": "size|company size|employees|number of employees|headcount|mitarbeiter|annual revenue band|account size",
        "parent_id": "parent id|parent account id|parent account|parent company|holding|group id|konzern",
        "account_owner": "account owner|owner|account manager|sales rep|rep|salesperson|key account manager|betreuer|responsible|owner name",
        "is_strategic": "strategic|is strategic|key account|vip",
        "service_tier": "service tier|tier|service level|sla tier|support plan|customer class|abc class",
        "created_at": "created at|created|created date|customer since|since|signup date|registered|angelegt am|onboarded",
    },
    "contacts": {
        "contact_id": "contact id|person id|contact no|contact number",
        "customer_id": "customer id|account id|company id|customer no|account no|client id|kundennummer|account|customer|company",
        "name": "contact name|full name|person|contact|name|ansprechpartner|nom complet|display name",
        "role": "role|title|job title|position|function|funktion|department",
        "email": "email|e mail|email address|mail|primary email|work email|courriel|correo",
        "preferred_channel": "preferred channel|contact preference|preferred contact method",
    },
    "products": {
        "product_id": "product id|product code|sku|item no|item number|item code|item id|article no|article number|article|part number|part no|material|material number|artikelnummer|artikelnr|artikel nr|stock code|stockcode|ean|gtin|upc|asin|referencia|reference article|style",
        "name": "product name|product|description|item name|item description|article name|title|name|bezeichnung|artikelbezeichnung|designation|material description|product description",
        "category": "category|category name|product category|product group|family|product family|department|class|warengruppe|categorie|categoria|line",
        "unit_cost": "unit cost|cost|cost price|standard cost|purchase price|einkaufspreis|cogs|buying price",
        "unit": "unit|uom|unit of measure|einheit|base unit",
        "pack_size": "pack size|pack qty|case size|units per pack|case pack|multiple|vpe",
        "lead_time_days": "lead time|lead time days|leadtime|replenishment time|lieferzeit|supply lead time",
        "order_type": "order type|mts mto|strategy|fulfilment strategy|make or buy",
    },
    "orders": {
        "order_id": "order id|order no|order number|order|sales order|so number|po number|invoice no|invoice number|invoice|invoice id|document no|belegnummer|auftragsnummer|auftragsnr|auftrag|bestellnummer|bestellung|numero commande|commande|pedido|ordernummer|transaction id|order ref|order reference|beleg|belegnr|document|doc no|document number|bon|bestellung no|sales document|ticket de vente|numero de commande|no commande|no pedido|num pedido|numero pedido|ordine|numero ordine|order nr|tilaus no|zamowienie|sale id|transaction no|receipt no|receipt|auftrag nr",
        "customer_id": "customer id|customer no|customer number|customer code|account id|account no|client id|cust id|kundennummer|kundennr|sold to|debtor no|buyer id|user id|customer|account|client|kunde|id client|cliente|bp code|business partner|buyer|buyer name|customer name|account name|kundenname|klant|client name|nom client|bp name|asiakas no|member id|sold to party|sell to customer no|bill to customer no|ordering customer|customer email|buyer email",
        "channel": "channel|sales channel|order channel|source|order source|kanal|medium",
        "ordered_at": "ordered at|order date|order time|ordered|date|order placed|purchase date|purchased at|purchase timestamp|order purchase timestamp|placed at|invoice date|sale date|transaction date|created at|created|bestelldatum|auftragsdatum|belegdatum|datum|date commande|fecha|booking date|entry date|posting date|document date|sold on|sale time|order day|data ordine|data|data zamowienia|fecha pedido|fecha de pedido|orderdatum|verkaufsdatum|date of order|timestamp|zeitstempel|created on|creation date|order creation date|erstellt am|angelegt am|cree le|creado el",
        "requested_date": "requested date|request date|requested delivery date|requested delivery|customer requested date|wanted date|wunschtermin|need by date|required date|wunschlieferdatum|wunschliefertermin|wunschdatum|gewunschtes lieferdatum|date souhaitee|date de livraison souhaitee|fecha solicitada|data richiesta|gewenste leverdatum|onskat leveransdatum",
        "promised_date": "promised date|promise date|promised delivery|promised delivery date|committed date|confirmed date|confirmed delivery date|estimated delivery|estimated delivery date|expected delivery|due date|eta|delivery promise|liefertermin|zugesagt|zugesagter termin|bestatigter termin|original promise date",
        "latest_promised_date": "latest promised date|revised promise date|new promise date|rescheduled date|latest eta",
        "currency": "currency|currency code|curr|wahrung|devise|moneda|iso currency",
        "status": "status|order status|state of order|fulfilment status|fulfillment status|auftragsstatus|statut|estado|order state|delivery status",
        "approved_at": "approved at|approval date|approved|payment approved|credit released|released at|freigabe|order approved at",
        "picked_at": "picked at|pick date|picked|picking date|kommissioniert",
        "shipped_at": "shipped at|ship date|shipped|shipping date|dispatch date|dispatched|despatched|goods issue|goods issue date|sent|versanddatum|versendet|date expedition|actual ship date|handed to carrier|delivered to carrier|delivered carrier date",
        "delivered_at": "delivered at|delivery date|delivered|actual delivery|actual delivery date|date delivered|received date|pod date|proof of delivery|lieferdatum|geliefert|zugestellt|delivered to customer|delivered customer date|date livraison|delivered on|livre le|entregado|bezorgd|date delivered on",
        "carrier": "carrier|shipper|forwarder|courier|shipping company|ship via|spediteur|transporteur|transportista",
        "ship_from": "ship from|warehouse|plant|site|depot|dc|distribution center|lager|werk|entrepot|fulfilment center|location",
        "ship_to_region": "ship to region|ship to state|delivery region|destination|ship to country|ship to|shipping state|delivery country|country|region|customer state",
    },
    "order_lines": {
        "order_id": "order id|order no|order number|order|sales order|so number|invoice no|invoice number|invoice|invoice id|document no|belegnummer|auftragsnummer|auftragsnr|auftrag|bestellnummer|numero commande|pedido|ordernummer|transaction id|beleg|belegnr|document|doc no|document number|order ref|bon|bestellung no|sales document|ticket de vente|numero de commande|no commande|no pedido|num pedido|numero pedido|ordine|numero ordine|order nr|tilaus no|zamowienie|sale id|transaction no|receipt no|receipt",
        "line": "line|line no|line number|order line|pos|position|item position|row|line item|order item id|zeile|lineno|posnr",
        "product_id": "product id|product code|sku|item no|item number|item code|item id|article no|article number|article|part number|part no|material|artikelnummer|artikelnr|stock code|stockcode|ean|asin|product|item|reference|artikel|articulo|articolo|produkt|produit|producto|prodotto|referencia|ref|item sku|variant sku|tuote|towar|product no|produktnummer",
        "qty_ordered": "qty ordered|ordered qty|quantity|qty|order qty|order quantity|quantity ordered|units|pieces|menge|anzahl|bestellmenge|quantite|cantidad|antal|amount ordered|pcs|pc|stk|stuck|stueck|qte|qta|uds|unidades|aantal|ilosc|pz|count|no of units|number of units|kpl|sztuk|quantidade|quantita",
        "qty_shipped_first": "qty shipped first|shipped qty|qty shipped|quantity shipped|first shipment qty|shipped quantity",
        "qty_delivered": "qty delivered|delivered qty|quantity delivered|delivered quantity|liefermenge|gelieferte menge|received qty",
        "unit_price": "unit price|price|price each|price per unit|net price|sales price|selling price|rate|einzelpreis|preis|stuckpreis|prix unitaire|prix|precio|item price|price before discount|list price|gross price|price unit|each|unit net price|prijs|cena|prezzo|prezzo unitario|precio unitario|preco|preco unitario|prijs per stuk|stukprijs|pris per st|styckpris|stykpris|enhetspris|a pris|cena jednostkowa|yksikkohinta|vk preis|verkaufspreis|prix de vente|precio de venta|a preis|price net|unit amount|unit rate",
        "discount": "discount|line discount|discount amount|rebate|rabatt|remise|discount percent|discount rate|disc|discount pct|nachlass|order discount|coupon|coupon amount|voucher|gutschein|descuento|sconto|korting|cart discount|total discount|promo discount|promotion amount|item discount|unit discount|discount per unit|discount each|line disc",
        "unit_cost": "unit cost|cost|cost price|einkaufspreis|cogs|standard cost",
        "is_damaged": "is damaged|damaged|damage|beschadigt",
        "is_wrong_item": "is wrong item|wrong item|mis pick|mispick",
        "invoice_ok": "invoice ok|invoice correct|invoice right|billing correct",
        "is_customized": "is customized|customized|customised|custom|special",
        "lot": "lot|batch|lot number|batch number|charge",
        "packaging": "packaging|pack type|package|verpackung",
        "_total": "line total|line amount|amount|amount excl vat|amount excl tax|amount ex vat|amount excluding vat|amount without vat|amount before tax|betrag ohne mwst|betrag o mwst|nettobetrag|montant ht|importe sin iva|bedrag excl btw|line value|extended price|extended amount|net amount|net value|total price|item total|betrag|gesamt|gesamtpreis|sales|revenue|montant|importe|positionswert|total|subtotal|line net amount|total net price|net goods|goods value|goods total|net total|net|net line|total net|importo|totale riga|zeilensumme|positionsbetrag|summe|bedrag|kwota|wartosc|total linea|total ligne|zeilenbetrag|totaal|regeltotaal|totale|summa|razem|yhteensa|i alt",
        "_order_total": "order total|grand total|order amount|order value|total amount|invoice total|total paid|amount paid|total order value|gesamtbetrag|rechnungsbetrag|bestellwert|total commande|total general|total pedido|document total|total incl shipping|total including shipping|total incl vat|total incl tax|buyer paid|order sum|totale ordine|payable|amount due|total charged",
        "_tax": "tax|vat|taxes|sales tax|tax amount|vat amount|mwst|ust|gst|tva|iva|steuer|steuerbetrag|line tax|item tax|tax total",
        "_shipping": "shipping|freight|postage|shipping cost|shipping fee|delivery charge|delivery fee|freight cost|versandkosten|versand|porto|frais de port|order shipping|shipping amount",
        "_per": "price unit|price per|per unit of|preis pro|preis je",
        "_credit": "type|transaction type|document type|doc type|record type|row type|line type|entry type|kind|art|belegart|transaktionstyp|type de document|tipo|movement|sales type|invoice type",
    },
    "returns": {
        "return_id": "return id|rma|rma number|rma no|return no|return number|claim no|retourennummer|retoure",
        "order_id": "order id|order no|order number|order|original order|invoice no|auftragsnummer",
        "customer_id": "customer id|customer no|account id|client id|kundennummer|customer|account",
        "product_id": "product id|sku|item no|item number|article|part number|product|artikelnummer|item",
        "qty": "qty|quantity|returned qty|qty returned|return quantity|units returned|menge",
        "value": "value|amount|credit amount|refund amount|refund|return value|credit value|refunded|gutschrift",
        "reason_code": "reason code|reason|return reason|rma reason|grund|retourengrund|motif|why returned|claim reason",
        "requested_at": "requested at|return date|rma date|requested|returned at|date|created at|opened|retourendatum|return requested",
        "received_at": "received at|received|goods received|returned received|date received",
        "resolved_at": "resolved at|resolved|closed at|closed|credited at|refunded at|refund date|completed",
        "disposition": "disposition|outcome|action|resolution|what happened|treatment",
    },
    "interactions": {
        "interaction_id": "interaction id|ticket id|ticket no|ticket number|ticket|activity id|call id|conversation id|case number|email id|message id",
        "customer_id": "customer id|customer no|account id|client id|company id|kundennummer|organization id|customer|account|company|requester organization|organization|organisation|organization name|organisation name|company name|account name|associated company",
        "contact_id": "contact id|person id|requester id|contact",
        "at": "at|date|created at|created|opened|opened at|time|timestamp|start time|date time opened|call time|activity date|datum|sent at",
        "channel": "channel|via|medium|contact channel|source|kanal|ticket channel|origin|case origin",
        "stage": "stage|journey stage|phase",
        "kind": "kind|type|activity type|interaction type|record type",
        "direction": "direction|inbound outbound|in out|call direction",
        "case_id": "case id|case|case no|parent ticket|problem id|thread id",
        "order_id": "order id|order no|order number|related order|order",
        "subject": "subject|title|topic|headline|betreff|sujet|ticket subject|summary",
        "text": "text|body|description|message|notes|note|details|comment|content|transcript|nachricht",
        "first_response_at": "first response at|first response|first reply|first reply at|responded at|first response time",
        "resolved_at": "resolved at|resolved|solved at|solved|closed at|closed|closed date|date time closed|resolution time",
        "promised_by": "promised by|due|due date|due at|sla due|sla target",
        "agent": "agent|assignee|assigned to|handled by|owner|agent name|case owner|bearbeiter",
    },
    "feedback": {
        "feedback_id": "feedback id|review id|response id|comment id|survey id|tweet id|submission id|id|comment no|review no|response no|feedback no|answer id|nr|no|entry id",
        "customer_id": "customer id|customer no|account id|client id|respondent id|user id|reviewer id|author id|customer|account|kundennummer|kundennr|member id|member no|account number|kunde no|buyer id|bp code",
        "order_id": "order id|order no|order number|order|invoice|auftragsnummer|bestellnummer",
        "product_id": "product id|sku|item|product|article|clothing id|asin|artikelnummer",
        "at": "at|date|created at|submitted at|submitted|review date|タイムスタンプ|时间戳|提交时间|타임스탬프|ประทับเวลา|отметка времени|сигнатура времени|tidsstämpel|tijdstempel|aikaleima|sygnatura czasowa|časové razítko|időbélyeg|zaman damgası|carimbo de data hora|informações de data|response date|review created|created|review submitted|reviewed at|reviewed on|published at|published|timestamp|review creation date|answered at|completed|datum|time|posted|posted at|posted on|received date|received|marca temporal|horodateur|zeitstempel|fecha|data|date created|created on|submission date|review time|dato|entry date|antwortdatum",
        "channel": "channel|source|platform|medium|survey channel",
        "text": "text|review text|comment|comments|review|feedback|verbatim|message|review comment message|body|content|answer|open answer|what could we do better|kommentar|bewertung text|remarks|tweet|opinion|kommentare|comentario|comentarios|commentaire|commentaires|commento|commenti|opmerking|opmerkingen|komentarz|kommentti|what was said|customer comment|open comment|review body|body text|free text|freitext|bemerkung|anmerkung|rueckmeldung|mensaje|message text|texte|testo|texto|avis",
        "rating": "rating|stars|score|review score|csat|satisfaction|star rating|bewertung|note|overall rating|sterne|estrellas|etoiles|stelle|sterren|gwiazdki|score value|star|stars given|overall|overall score|puntuacion|valoracion|valutazione|beoordeling|ocena|points|how many stars|rating value",
        "rating_scale": "rating scale|scale",
        "nps": "nps|nps score|likelihood to recommend|recommend score|how likely are you to recommend|recommendation 0 10|recommend|recommendation|would you recommend|likelihood|recommend 0 10|weiterempfehlung|recomendacion|recommandation",
        "language": "language|lang|locale|sprache|idioma",
    },
    "inventory": {
        "product_id": "product id|sku|item no|item number|article|part number|material|artikelnummer|stock code|item",
        "location": "location|warehouse|site|plant|depot|bin|lager|store",
        "at": "at|date|as of|snapshot date|stock date|count date|inventory date|stichtag",
        "on_hand": "on hand|stock|qty on hand|quantity on hand|stock on hand|available|bestand|lagerbestand|soh",
        "on_order": "on order|qty on order|incoming|open po qty|in transit",
        "safety_stock": "safety stock|sicherheitsbestand|buffer stock|min stock",
        "reorder_point": "reorder point|rop|reorder level|meldebestand|order point",
    },
    "invoices": {
        "invoice_id": "invoice id|invoice no|invoice number|invoice|rechnungsnummer|rechnung|facture|bill no",
        "customer_id": "customer id|customer no|account id|client id|debtor no|kundennummer|customer|account",
        "order_id": "order id|order no|order number|sales order|auftragsnummer",
        "issued_at": "issued at|invoice date|issue date|issued|billing date|rechnungsdatum|date",
        "due_at": "due at|due date|due|payment due|fallig am|falligkeit|net due date",
        "paid_at": "paid at|paid|payment date|paid on|date paid|bezahlt am|cleared|settled",
        "amount": "amount|invoice amount|total|total amount|net amount|betrag|gross amount|montant|importe|balance",
    },
    "opportunities": {
        "opportunity_id": "opportunity id|deal id|quote no|quote id|quote number|opp id|angebotsnummer",
        "customer_id": "customer id|account id|company id|client id|account|customer|company|account name|kundennummer|associated company id|associated company|customer name|company name|organization|organisation|primary company",
        "name": "opportunity name|deal name|opportunity|deal|name|title",
        "stage": "stage|deal stage|pipeline stage|sales stage|status|phase",
        "amount": "amount|value|deal value|expected revenue|total|betrag|deal amount",
        "created_at": "created at|created|create date|created date|opened",
        "expected_close": "expected close|close date|expected close date|forecast date|target close",
        "closed_at": "closed at|closed|closed date|actual close|won date",
        "won": "won|is won|deal won|closed won",
    },
    "loyalty": {
        "customer_id": "customer id|member id|member no|customer no|account id|card number",
        "program": "program|programme|loyalty program|club|scheme",
        "tier": "tier|level|status level|member tier|card type",
        "points": "points|points balance|balance|punkte",
        "enrolled_at": "enrolled at|enrolled|joined|join date|member since",
    },
}  # fmt: skip
COLUMNS["order_lines"]["order_id"] = COLUMNS["orders"]["order_id"]


NATIVE: dict[tuple[str, str], list[str]] = {}
"""By table and column, what it is called in other languages: as sure as each other."""


def _add_other_languages() -> None:
    """Behind the names above come those of `header_words.yaml`."""
    told = yaml.safe_load((Path(__file__).parent / "header_words.yaml").read_text(encoding="utf-8"))
    for concept in told.values():
        words = dict.fromkeys(w for many in concept["words"].values() for w in many.split("|"))
        for table, field in (t.split(".") for t in concept.get("instead", ())):
            COLUMNS[table][field] += "|" + "|".join(words)
        for table, field in (t.split(".") for t in concept["targets"]):
            known = COLUMNS[table][field].split("|")
            written = {"".join(w.split()) for w in known}
            NATIVE.setdefault((table, field), []).extend(w for w in words if "".join(w.split()) not in written)
            COLUMNS[table][field] = "|".join([*known, *(w for w in words if w not in known)])


_add_other_languages()
for _table in ("feedback", "interactions", "returns", "invoices"):  # the one who bought, in a word
    COLUMNS[_table]["customer_id"] += "|kunde|kunden|client|cliente|klant|kund|klient|zakaznik|asiakas|musteri"

VALUES: dict[str, dict[str, str]] = {
    "orders.status": {
        "delivered": "delivered|billed|fully billed|sale|complete|completed|closed|fulfilled|done|invoiced and closed|geliefert|abgeschlossen|erledigt|zugestellt|livre|livree|entregado|levererad|received|paid|vollstandig beliefert|vollstandig geliefert|vollstandig bearbeitet|ausgeliefert|completely processed|fully delivered|completely delivered|expedie|expediee|consegnato|entregue|bezorgd|afgeleverd|leveret|dostarczono|toimitettu|levererad|utford|vyrizeno|odeslano|zrealizowane|zakonczone|teljesitve|lezarva|livrat|finalizat|tamamlandi|teslim edildi|выполнен|доставлен|завершен|исполнен|виконано|доставлено|изпълнена|発送済み|発送済|完了|配達済み|受取完了|処理済|已完成|已发货|已签收|交易成功|배송완료|구매확정|จัดส่งแล้ว|สำเร็จ|hoàn thành|đã giao|selesai|terkirim|مكتمل|تم التسليم",
        "cancelled": "sale cancelled|cancelled|canceled|cancel|void|voided|rejected|storniert|annule|annulee|cancelado|deleted|unavailable|refused|makulerad|annullerad|annulleret|peruttu|anulowane|anulowano|zruseno|stornovano|zrusena|torolve|anulat|anulata|otkazano|iptal|iptal edildi|annullato|cancelada|anulado|anulada|geannuleerd|отменен|отменена|аннулирован|скасовано|отказана|キャンセル|キャンセル確定|取消|已取消|已关闭|交易关闭|취소|주문취소|ยกเลิก|đã hủy|dibatalkan|ملغي|ملغى|בוטל",
        "open": "open order|pending fulfillment|pending fulfilment|pending billing|pending approval|partially fulfilled|pending billing partially fulfilled|backordered|sent|draft|quotation|open|new|pending|processing|in process|in progress|confirmed|approved|shipped|in transit|on hold|backorder|offen|neu|in bearbeitung|versendet|created|invoiced|part shipped|teilweise beliefert|teilgeliefert|teilweise bearbeitet|nicht beliefert|nicht bearbeitet|not yet processed|partially processed|partially delivered|not delivered|partially shipped|picked|released|awaiting payment|ouvert|en cours|abierto|принят|новый|в работе|в обработке|обрабатывается|отправлен|受付|未発送|処理中|待发货|待付款|处理中|접수|배송중|รอดำเนินการ|กำลังจัดส่ง",
    },
    "returns.disposition": {
        "restock": "restock|restocked|back to stock|return to stock|resell",
        "repair": "repair|repaired|rework|refurbish",
        "scrap": "scrap|scrapped|destroy|destroyed|disposed|write off",
        "refund": "refund|refunded|credit|credited|money back|gutschrift",
        "replace": "replace|replaced|replacement|exchange|exchanged|swap|ersatz",
    },
    "interactions.kind": {
        "call": "call|phone|phone call|telephone|voice|anruf|telefon",
        "email": "email|e mail|mail|message",
        "chat": "chat|live chat|messenger|whatsapp|sms|slack",
        "visit": "visit|meeting|on site|site visit|besuch|appointment",
        "ticket": "ticket|case|request|incident|web form|web|portal|problem|question|task",
    },
    "interactions.direction": {
        "inbound": "inbound|in|incoming|received|eingehend",
        "outbound": "outbound|out|outgoing|sent|ausgehend",
    },
    "interactions.stage": {
        "inquiry": "inquiry|enquiry|presales|question|quote|lead",
        "order": "order|ordering|purchase|order entry",
        "delivery": "delivery|shipping|shipment|logistics|transport",
        "invoice": "invoice|billing|payment|accounting",
        "support": "support|technical|service|help|complaint",
        "return": "return|returns|rma|refund",
        "renewal": "renewal|contract|retention",
    },
    "products.order_type": {
        "stock": "stock|mts|make to stock|standard|off the shelf|purchase to stock",
        "assemble": "assemble|ato|assemble to order|configure to order|cto",
        "make": "make|mto|make to order|build to order",
        "engineer": "engineer|eto|engineer to order|project|design to order",
    },
}  # fmt: skip

CREDITS = (
    "refund|refunded|return|returned|returns|credit|credit note|credit memo|creditnote|creditmemo|gutschrift|retoure|ruckgabe|rucksendung|storno|stornorechnung|"
    "rechnungskorrektur|avoir|remboursement|retour|rma|abono|devolucion|nota de credito|reso|nota di credito|rimborso|kreditnota|kreditfaktura|creditnota|cr|rückgabe|reversal|chargeback"
)
"""Kinds of documents that take goods or money back."""

CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "kr": "SEK", "CHF": "CHF", "R$": "BRL", "₹": "INR", "zł": "PLN"}
