"""The features performed: read, planned, run by pytest in a thread of their own, recorded."""
