"""The SIGEX access guide made executable."""
