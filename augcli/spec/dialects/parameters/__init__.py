"""How the parameters of other libraries are read: makers of `Parameter`s, each for one kind of value.

Defaults are written as the library writes them, and are read like any other value. Bounds are of the number that the
user writes, in the library's unit.
"""
