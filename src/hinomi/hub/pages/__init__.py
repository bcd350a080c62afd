"""The pages: one question each, answered in the first line; the same address gives HTML, JSON, CSV and pictures."""
