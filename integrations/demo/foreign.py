"""The same complaints and praise in German, French, Spanish and Swedish. Slots as in `phrases`."""

from __future__ import annotations

from integrations.demo.phrases import split

FOREIGN: dict[str, dict[str, tuple[str, ...]]] = {
    "de": {
        "late": split("""
            Die Lieferung kam {days} zu spät
            zugesagt war {promised}, gekommen ist die Ware am {came}
            leider wieder verspätet, Bestellung {number}
            wir mussten {days} auf {product} warten
            Liefertermin nicht eingehalten"""),
        "damaged": split("""
            {product} kam beschädigt an
            Karton eingedrückt, Ware verkratzt
            Transportschaden bei Bestellung {number}
            die Kanten der Paletten waren eingedrückt"""),
        "wrong_item": split("""
            falscher Artikel geliefert, bestellt war {product}
            das ist nicht die Ware, die wir bestellt haben
            Falschlieferung bei {number}"""),
        "short": split("""
            die Lieferung war unvollständig
            es fehlen {qty} Stück {product}
            nur ein Teil der Bestellung {number} ist da"""),
        "invoice": split("""
            die Rechnung stimmt nicht, der Rabatt fehlt
            falscher Preis auf der Rechnung zu {number}
            bitte Rechnung korrigieren"""),
        "slow_reply": split("""
            auf unsere E-Mail kam {hours} lang keine Antwort
            niemand meldet sich
            der Kundendienst antwortet viel zu langsam"""),
        "good": split("""
            alles bestens, pünktlich geliefert
            sehr gute Qualität, gerne wieder
            schnelle Lieferung, danke
            freundliche Beratung am Telefon
            gut verpackt und vollständig"""),
        "price": ("die Preise sind zu hoch", "schon wieder eine Preiserhöhung"),
    },
    "fr": {
        "late": split("""
            livraison avec {days} de retard
            promis pour {promised}, reçu le {came}
            la commande {number} est arrivée trop tard
            encore un retard, notre atelier attendait"""),
        "damaged": split("""
            {product} arrivé endommagé
            cartons écrasés, pièces rayées
            la palette était abîmée"""),
        "wrong_item": ("ce n'est pas l'article commandé", "mauvaise référence livrée sur la commande {number}"),
        "short": ("la livraison est incomplète", "il manque {qty} pièces de {product}"),
        "invoice": ("la facture de la commande {number} est fausse", "la remise convenue n'apparaît pas sur la facture"),
        "slow_reply": ("aucune réponse à notre mail depuis {hours}", "le service client répond beaucoup trop lentement"),
        "good": split("""
            livré à temps, merci
            très bonne qualité
            service rapide et aimable
            tout est parfait"""),
        "price": ("les prix sont trop élevés",),
    },
    "es": {
        "late": split("""
            el pedido {number} llegó con {days} de retraso
            prometido para {promised}, llegó el {came}
            otra vez tarde, tuvimos la línea parada"""),
        "damaged": ("{product} llegó dañado", "las cajas venían aplastadas y el material golpeado"),
        "wrong_item": ("nos enviaron un artículo equivocado", "esto no es lo que pedimos en {number}"),
        "short": ("el envío llegó incompleto", "faltan {qty} piezas de {product}"),
        "invoice": ("la factura no coincide con el pedido {number}", "falta el descuento en la factura"),
        "slow_reply": ("nadie contesta a nuestros correos", "tardaron {hours} en responder"),
        "good": split("""
            todo perfecto, entrega puntual
            muy buena calidad
            excelente atención, gracias"""),
        "price": ("los precios son demasiado altos",),
    },
    "sv": {
        "late": split("""
            leveransen kom {days} för sent
            ni lovade {promised}, det kom {came}
            order {number} försenad igen"""),
        "damaged": ("{product} var skadad när den kom", "kartongerna var krossade och godset repat"),
        "wrong_item": ("fel artikel i leveransen", "vi beställde {product} men fick något annat"),
        "short": ("leveransen var inte komplett", "det saknas {qty} st {product}"),
        "invoice": ("fakturan för order {number} är fel", "rabatten saknas på fakturan"),
        "slow_reply": ("vi har inte fått något svar på {hours}", "kundtjänsten svarar alldeles för långsamt"),
        "good": split("""
            snabb leverans, tack
            bra kvalitet
            allt kom i tid och var väl packat"""),
        "price": ("priserna är för höga",),
    },
}
GOOD = ("punctual", "staff", "fine_goods", "easy", "packed", "happy")
