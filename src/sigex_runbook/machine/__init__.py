"""The operator's machine: what it must have, how to get it, and what is wrong with it."""
