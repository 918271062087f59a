"""The way from this machine to others."""
