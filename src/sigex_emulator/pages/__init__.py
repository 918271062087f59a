"""The imitated pages (sigex-facts 2): plain server-delivered HTML with a little script."""
