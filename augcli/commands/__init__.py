"""The commands from end to end, one file each: options in, a result or an exit code out.

Nothing but `cli` and `api` imports it. May import `lint`, `engine`, `modality`, `plan`, `labels`, `output`, `spec`,
`dataset`, `text`, `image`, `settings`, `storage`, `random_streams`, `problems`.
"""
