"""Voice of the customer: text in, themes and reasons out. Imports `knowledge` only."""
