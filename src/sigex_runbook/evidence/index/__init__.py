"""Many packs at a glance: the list of runs, the living guide."""
