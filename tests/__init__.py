"""The tests work in a process that is augcli's own; libraries read some of what that means when they are imported."""

from augcli import process

process.take_over()
