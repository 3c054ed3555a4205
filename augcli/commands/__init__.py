"""The commands from end to end, one file each: options in, a result or an exit code out.

May import every room but `api`; nothing but `cli` and `api` imports it.
"""
