"""One pack's files: where they lie, how they are written, what stands in them."""
