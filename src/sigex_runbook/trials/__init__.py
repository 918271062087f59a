"""Trials of the whole: everything that can go wrong, and how long it takes when nothing does."""
