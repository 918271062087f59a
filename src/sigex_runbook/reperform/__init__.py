"""The settings read again by somebody else, and held against a sealed pack."""
