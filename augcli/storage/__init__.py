"""Where bytes live: the disk, its names, files that are read or written whole, locks.

May import `problems` alone. No other room opens, lists, writes or removes a file.
"""
