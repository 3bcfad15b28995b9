"""The rules that find what to know of an account, by kind. A rule gives headlines, or none."""
