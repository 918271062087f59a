"""The kernel of a run: this very Python, whatever kernels the machine offers under its name.

JUPYTER_PATH may name another `python3`, without this program; a profile of IPython in the home
folder and PYTHONSTARTUP may run anything at its start. None of them concerns a run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from .secrets.private import TEMPORARY

KERNEL = "python3"


def own_kernel(private: Path) -> type:
    """The class of a manager whose kernel keeps all that is temporary in that folder."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    temporary = dict.fromkeys(TEMPORARY, str(private))
    environment = {**temporary, "IPYTHONDIR": str(private / "ipython"), "PYTHONSTARTUP": ""}

    class OwnKernel(AsyncKernelManager):
        """Starts this interpreter with what it needs to know."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.connection_file = str(private / "kernel.json")
            self._kernel_spec = KernelSpec(
                argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                display_name=KERNEL,
                language="python",
            )

        async def _async_start_kernel(self, **options: Any) -> None:
            await super()._async_start_kernel(**{**options, "env": {**os.environ, **environment}})

        start_kernel = _async_start_kernel

    return OwnKernel
