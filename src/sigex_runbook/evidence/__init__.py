"""Evidence: what a run leaves behind and how it is shown. Modules are found by their own names."""
