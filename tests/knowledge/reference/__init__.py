"""Reference values computed by the product: one file a source, each with `values(folder)` by key."""
