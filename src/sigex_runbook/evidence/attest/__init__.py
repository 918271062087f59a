"""Who vouches for which bytes, and when: keys, envelopes, time-stamps, the ledger, approvals."""
