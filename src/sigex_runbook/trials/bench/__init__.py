"""The measure of one run: how much it costs above the bare screen work."""
