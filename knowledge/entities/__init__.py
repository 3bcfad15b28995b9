"""The entity layer: what things there are, what is known of each, and how one thing leads to another.

`catalogue` holds the records, `predicates` what a selection can say, `select` turns both into ibis expressions, `measures` makes
metrics of counts and attributes, `conditions` reads and writes predicates as SQL-like text."""
