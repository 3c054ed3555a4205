"""Places in buckets, through obstore: functions of the same names as those for the disk, in modules of the same names.

An object appears whole or not at all, so that a PUT is its own rename; there are no folders but in the names of
objects, and no links. Errors are OSErrors in our own words, which say what to do (`Unreachable`); an object that is not
there is a FileNotFoundError.
"""
