"""What leaves as a file: pictures of charts, documents, tables."""
