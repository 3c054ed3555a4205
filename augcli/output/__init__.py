"""What OUT holds and how a run is committed: where things stand, locks, manifest, run record, shards, removal.

Outputs are files, each written whole by the worker that makes it (`storage.files.write_whole`) and found again under
the `file_name` of its row; or containers (`containers/`), tar shards or Parquet files that hold many of them, which are
the unit of `inventory`, `removal` and `verification` then, as a file is else.

It knows no pixels, but for old records, which name the CPU as `image.versions` does. May import `spec`, `dataset`,
`image`, `storage`, `problems`.
"""
