"""`python -m sigex_emulator` is `sigex-emulator`."""

import sys

from sigex_emulator.command import main

sys.exit(main())
