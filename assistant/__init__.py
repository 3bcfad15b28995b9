"""Questions in, checked answers out. Imports `nlp` and `knowledge`."""
