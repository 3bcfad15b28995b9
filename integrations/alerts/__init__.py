"""Digests and alerts: what people asked to be sent, when it is due, what is worth an alert, and how it goes out."""
