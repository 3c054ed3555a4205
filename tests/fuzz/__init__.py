"""Input that nobody would write: specs and picture files made at random, and what must hold for each of them.

`make fuzz` runs for long and keeps every input that fails in `corpus/`; the tests replay the corpus, and make a few
inputs of their own, the same ones each time.
"""
