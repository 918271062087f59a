"""A local SIGEX for tests and trials: pages, API, mutual TLS and a seeded world.

Written from `sigex-facts` only and independent of every other room of this project, so that the
client and its stand-in cannot agree by accident. What it does not imitate: see README.md here.
"""

from sigex_emulator.world.world import World

from .errors import EmulatorError
from .foreground import run_forever
from .server import Emulator

__all__ = ["Emulator", "EmulatorError", "World", "run_forever"]
