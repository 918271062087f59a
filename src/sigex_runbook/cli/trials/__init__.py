"""Verbs that try the program itself."""
