"""A bar on a terminal, by tqdm: imported where one is shown."""

from __future__ import annotations

import threading

from tqdm import tqdm


class Bar(tqdm):  # type: ignore[type-arg]
    """A bar that starts neither a thread, beside which no workers could be forked, nor a process."""

    monitor_interval = 0


Bar.set_lock(threading.RLock())  # tqdm's own is for several processes, which one more of Python's looks after
