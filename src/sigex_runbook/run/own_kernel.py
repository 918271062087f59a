"""The kernel of a run: this very Python, whatever kernels the machine offers under its name.

JUPYTER_PATH may name another `python3`, without this program; a profile of IPython in the home
folder and PYTHONSTARTUP may run anything at its start. None of them concerns a run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

KERNEL = "python3"

_LONGEST = 33
"""What the path of the temporary folder may have, that a browser's socket under the private one,
`org.chromium.Chromium.XXXXXX/SingletonSocket`, stays below the 104 bytes of macOS."""

_SHORT = "/tmp"  # noqa: S108 - a folder of our own is made there


def private_folder() -> TemporaryDirectory[str]:
    """A folder for all that is temporary in a run, for its user alone. Raises OSError."""
    system = gettempdir()
    lengthy = os.name == "posix" and len(os.fsencode(system)) > _LONGEST
    place = _SHORT if lengthy and os.access(_SHORT, os.W_OK | os.X_OK) else system
    return TemporaryDirectory(prefix="sigex-runbook-", dir=place, ignore_cleanup_errors=True)


def own_kernel(private: Path) -> type:
    """The class of a manager whose kernel keeps all that is temporary in that folder."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(private))
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
