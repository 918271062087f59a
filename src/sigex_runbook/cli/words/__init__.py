"""What the command line says, and how it refuses: not a verb of its own."""
