"""Many orders at once: what is read, how far each has come, who performs it and at what pace."""
