"""`python -m sigex_emulator` is `sigex-emulator`."""

import sys

from .command import main

sys.exit(main())
