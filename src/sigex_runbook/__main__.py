"""`python -m sigex_runbook` is `sigex-runbook`."""

import sys

from sigex_runbook.cli.main import main

sys.exit(main())
