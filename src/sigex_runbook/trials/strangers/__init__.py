"""Strangers' front ends: sites that nobody of ours has drawn, composed by the number of a run.

`grammar` says of which parts, `words` how they are worded, `arrangement` in which world; `markup`
and `site.js` draw them, `booth` serves them. `laboratory` lets the runbook perform an order there,
`trials` judges by what the world holds and by what was pressed.
"""

from .grammar import PARTS, Style, compose
from .laboratory import try_style
from .trials import Finding, Trial, tally_by_part

__all__ = ["PARTS", "Finding", "Style", "Trial", "compose", "tally_by_part", "try_style"]
