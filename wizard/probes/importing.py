"""Imports of packages that lead by different ways to the same modules.

Looks run side by side. When two of them import such packages at once, each thread may hold the
module that the other waits for; Python notices and raises in one of them.
"""

from __future__ import annotations

import threading

one_at_a_time = threading.RLock()
"""Held while httpx or dnspython is imported: both lead to `importlib.resources`."""
