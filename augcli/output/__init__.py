"""What OUT holds and how it is committed: manifest, run record, locks, parts, shards, removal.

May import `spec`, `dataset`, `storage` and what is below; knows no pixels.
"""
