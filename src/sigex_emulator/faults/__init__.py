"""How the emulator misbehaves when it is told to: a catalogue, and what is switched on for whom."""

from .book import FaultBook
from .catalogue import CATALOGUE, Expected, Fault, Noticed, fault_named

__all__ = ["CATALOGUE", "Expected", "Fault", "FaultBook", "Noticed", "fault_named"]
