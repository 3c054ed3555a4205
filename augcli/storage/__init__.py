"""Where bytes live: what stands under a name, files that are read or written whole, locks. Today that is the disk.

No other room lists, opens, writes, removes or locks what belongs to IN or OUT (tests/test_house.py has the exceptions).

A bucket would stand beside the disk: a module `bucket` with functions of the same names as those of `disk`, `files`
and `locks`, and here the choice between them, by what IN and OUT begin with (`s3://`). There, a PUT is its own rename,
a folder is neither made nor removed, a listing comes in pages, and a lock is an object that is created only where there
is none, with a lease. While there is one place for bytes, a choice would be a layer for nothing.

May import `problems`.
"""
