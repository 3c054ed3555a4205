"""The tests work in a process that is augcli's own; libraries read some of what that means when they are imported."""

import signal

from augcli.image import process

process.take_over()
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs in the background is deaf to it, with all it starts
