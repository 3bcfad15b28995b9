"""The web door: REST under /api/v1, the page, health and metrics. The only door to FastAPI."""
