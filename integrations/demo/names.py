"""Invented names: firms, people, articles. Any likeness to a real firm or person is chance."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


STEMS = _words("""
    Ashdown Barlow Beckett Bellwether Blackmoor Bramwell Brightwater Brandt Calloway Carrick Castellan Cedarline
    Chalmers Clearbrook Colby Cordell Corvane Cranford Dalebrook Danforth Delacroix Dorsey Drayton Dunmore Eastgate
    Edgeworth Ellsworth Fairmont Falkner Farrow Fenwick Ferro Fieldstone Finch Forsythe Gallant Garrick Gilmore Glenrock
    Granger Greystone Hadley Halden Harlow Hartwell Hawthorne Helmond Hollis Huxley Ironbridge Jansen Kellerman Kenmare
    Kestrel Kilbride Kingsley Kirkwood Lakeside Langford Larkin Lindholm Lockridge Lowell Maddox Mapleton Marchetti
    Marlow Mercer Merrick Millbrook Montrose Mosley Northam Norwell Oakhurst Orrin Osgood Pacer Palmer Parrish Pemberton
    Pinecrest Prescott Quarry Quinlan Radcliffe Ramsey Redfern Ridgeway Rockwood Rosedale Rutherford Sable Sandoval
    Selkirk Shelby Silverton Sorrel Stafford Sterling Stonehill Tamarack Teller Thornbury Tidewater Torrance Trenton
    Upland Vance Vantage Varley Verity Vickers Wakefield Walden Warwick Wescott Whitcomb Wickham Winslow Wolcott Yarrow
    Yorke Zeller
""")
EURO_STEMS = _words("""
    Achterberg Albrecht Almgren Baumann Bergström Boisson Castaño Dahlqvist Duval Eberhardt Fontaine Gallego Gruber Haas
    Hedlund Iversen Keller Lacombe Lindqvist Lorca Maes Mertens Moreau Nordin Olsson Pascual Reinders Renaud Roth
    Salcedo Schaller Sjöberg Steiner Thiele Torres Vandermeer Vogel Weiland Wikström Zimmer
""")
TRADES = {
    "automotive": ("Automotive", "Axle", "Motor Parts", "Drivetrain", "Brake Systems"),
    "aerospace": ("Aerospace", "Aero Structures", "Avionics", "Flight Systems"),
    "food processing": ("Foods", "Dairy", "Bakeries", "Bottling", "Frozen Foods"),
    "healthcare": ("Medical", "Hospital Group", "Surgical Supply", "Diagnostics"),
    "construction": ("Construction", "Steel Works", "Builders", "Crane & Rigging"),
    "chemicals": ("Chemical", "Coatings", "Polymers", "Process"),
    "marine": ("Marine", "Shipyard", "Offshore", "Boat Works"),
    "energy": ("Energy", "Power", "Turbine Services", "Pipeline"),
    "electronics": ("Electronics", "Circuits", "Controls", "Instruments"),
    "agriculture": ("Farm Equipment", "Agri", "Grain", "Irrigation"),
    "distribution": ("Supply", "Distribution", "Industrial Supply", "Tool & Fastener"),
}
ENDINGS = {
    "United States": ("", " Inc", " LLC", " Co", " Corp"),
    "Canada": ("", " Ltd", " Inc"),
    "Germany": (" GmbH", " AG", " KG"),
    "France": (" SA", " SARL"),
    "Spain": (" SL", " SA"),
    "Sweden": (" AB",),
    "Netherlands": (" BV",),
    "United Kingdom": (" Ltd", " plc"),
}
FIRST_NAMES = {
    "en": _words("""
        Maria James Linda Robert Patricia Michael Jennifer David Susan Daniel Karen Kevin Nancy Brian Angela Steven
        Denise Mark Tracy Paul Monica Greg Heather Luis Carla Derek Priya Omar Wendy Scott Janelle Tom Alicia Ray Beth
        Hector Mei Andre
    """),
    "de": _words("""
        Anja Bernd Claudia Dirk Eva Frank Heike Jörg Katrin Lars Martina Ralf Sabine Uwe
    """),
    "fr": _words("""
        Aurélie Benoît Céline Didier Élodie Fabrice Isabelle Julien Laure Mathieu Nathalie Olivier
    """),
    "es": _words("""
        Alba Carlos Elena Fernando Inés Javier Lucía Manuel Nuria Pablo Rocío Sergio
    """),
    "sv": _words("""
        Anders Birgitta Erik Helena Johan Karin Lars Malin Nils Sofia Tobias Ulrika
    """),
}
LAST_NAMES = {
    "en": _words("""
        Ortega Whitfield Nguyen Carver Boyd Alvarez Hensley Okafor Ramsay Doyle Patel Lindsey Foster Bauer Kowalski
        Mendez Price Sutton Holloway Chen Avery Burke Delgado Finley Grady Hopper Ibarra Jarvis Keane Lomax Mayer Novak
        Oakes Pruitt
    """),
    "de": _words("""
        Becker Brenner Dietz Engel Falk Graf Hartmann Kessel Lorenz Münch Pohl Seidel Voss Ziegler
    """),
    "fr": _words("""
        Arnaud Blanchet Carlier Delmas Fournel Girault Lambertin Mercier Perrin Rousselot Tissier Vasseur
    """),
    "es": _words("""
        Aguilar Bravo Cano Domínguez Escudero Ferrer Gallardo Herrero Lozano Navarro Pardo Robles
    """),
    "sv": _words("""
        Ahlgren Björk Ekdahl Forsell Granath Holmqvist Lundin Norberg Rydell Sandell Wallin Öberg
    """),
}
LANGUAGE = {"Germany": "de", "France": "fr", "Spain": "es", "Sweden": "sv"}
OWNERS = ("M. Ortiz", "J. Whitman", "S. Kapoor", "D. Larsen", "T. Reyes", "A. Fischer", "L. Monroe", "K. Adeyemi")
ROLES = ("purchasing", "logistics", "quality", "maintenance", "finance", "engineering", "operations")

# category: nouns, sizes, unit, pack size, cost range, lead time (days), packaging that it usually goes in
ARTICLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str, tuple[int, ...], tuple[float, float], tuple[int, int]]] = {
    "fasteners": (
        ("Hex bolt", "Flange nut", "Socket screw", "Threaded rod", "Blind rivet", "Anchor bolt"),
        ("M6x20", "M8x30", "M10x40", "M12x60", "M16x80", "M20x100"), "box", (50, 100, 200), (4, 45), (7, 21),
    ),
    "bearings": (
        ("Ball bearing", "Roller bearing", "Pillow block", "Thrust bearing", "Hub unit"),
        ("6204", "6308", "22212", "UCP206", "51110", "32008"), "piece", (1, 2), (12, 320), (14, 45),
    ),
    "seals": (
        ("O-ring kit", "Shaft seal", "Flat gasket", "Hydraulic seal", "Lip seal"),
        ("NBR 20", "FKM 35", "EPDM 50", "PTFE 80", "NBR 110"), "piece", (1, 5, 10), (2, 90), (10, 30),
    ),
    "fittings": (
        ("Elbow fitting", "Hose coupling", "Ball valve", "Manifold block", "Quick coupler"),
        ("1/4 in", "3/8 in", "1/2 in", "3/4 in", "1 in"), "piece", (1, 5), (3, 260), (10, 35),
    ),
    "packaging": (
        ("Carton", "Pallet wrap", "Edge board", "Steel strap", "Foam sheet"),
        ("S", "M", "L", "XL", "heavy duty"), "bundle", (10, 25), (6, 60), (5, 14),
    ),
    "lubricants": (
        ("Bearing grease", "Hydraulic oil", "Cutting fluid", "Chain oil", "Gear oil"),
        ("400 g", "1 l", "5 l", "20 l", "205 l"), "can", (1, 4), (6, 410), (7, 20),
    ),
    "cutting tools": (
        ("Drill bit set", "End mill", "Grinding disc", "Saw blade", "Thread tap"),
        ("6 mm", "10 mm", "125 mm", "230 mm", "M8"), "piece", (1, 5, 10), (4, 180), (10, 30),
    ),
    "safety gear": (
        ("Work gloves", "Safety glasses", "Hearing protection", "Respirator", "Hi-vis vest"),
        ("S", "M", "L", "XL", "universal"), "pair", (1, 10), (3, 70), (7, 21),
    ),
}  # fmt: skip
HEAVY = ("bearings", "fittings", "lubricants")
