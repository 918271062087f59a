"""Many orders at once: read from a table or a folder and checked as a whole."""
