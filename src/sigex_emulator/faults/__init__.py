"""How the emulator misbehaves when it is told to: a catalogue, and what is switched on for whom."""

from sigex_emulator.faults.book import FaultBook
from sigex_emulator.faults.catalogue import CATALOGUE, Expected, Fault, Noticed, fault_named

__all__ = ["CATALOGUE", "Expected", "Fault", "FaultBook", "Noticed", "fault_named"]
