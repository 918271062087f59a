"""Evidence: what a run leaves behind, how it is sealed, shown and verified.

Its rooms, each above those that it may use: `sealing` and `index`; `verify` and `export`;
`report`; `attest`; `pack`; `privacy` and `pictures`.
"""
