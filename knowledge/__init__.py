"""Facts: tables, definitions, models of customers and demand, vectors. Imports nothing above it."""
