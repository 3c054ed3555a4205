"""What OUT holds and how a run is committed: where things stand, locks, manifest, run record, shards, removal.

Outputs are files, each written whole by the worker that makes it (`storage.files.write_whole`) and found again under
the `file_name` of its row. Tar shards or Parquet would be a folder `containers/` here, with a module for each: it takes
the outputs of a chunk, says which rows of a container still hold, and removes what nothing asks for. Its container
would be the unit of `inventory`, `removal` and `verification`, as a file is now. With files alone it would only pass on
three calls.

It knows no pixels, but for old records, which name the CPU as `image.versions` does. May import `spec`, `dataset`,
`image`, `storage`, `problems`.
"""
