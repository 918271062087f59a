"""The imitated HTTP API (sigex-facts 3): one module per group of calls."""
