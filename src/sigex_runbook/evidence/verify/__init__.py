"""Whether a pack, many packs or a campaign are what they claim to be."""
