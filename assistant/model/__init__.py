"""A language model, where one is configured: it reads questions that the rules cannot, and words answers; it supplies no figure."""
