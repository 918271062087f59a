"""The measure of a campaign and of one run: what they cost above the bare screen work and beside
others' ways."""
