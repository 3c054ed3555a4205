"""Where bytes live: what stands under a name, files that are read or written whole, locks; on the disk or in a bucket.

No other room lists, opens, writes, removes or locks what belongs to IN or OUT (tests/test_house.py has the exceptions).

`addresses` tells places in buckets from paths on the disk. `places`, `files`, `locks` and `hashes` are about the disk;
for a place in a bucket each of their functions hands over to the one of its name in `bucket`. There, a PUT is its own
rename, a folder is neither made nor removed, a listing comes in pages, and a lock is an object that is made only where
there is none, with a lease. What lies in a bucket costs a call each time that it is asked about: who asks of many
names lists them first (`entries_below`, `files_below`, `statuses`), and who works on a chunk does so within
`files.overlapping`.

May import `problems`.
"""
