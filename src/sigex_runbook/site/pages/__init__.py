"""The pages of the service on the guide's way: what may be done and asked on each."""
