"""A second reader of the format, written from docs/format.md. It shares no code with `vault`, and `vault` knows nothing of it."""
