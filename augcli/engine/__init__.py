"""How a run is carried out: chunks of sources in, rows out, whichever worker dies.

May import `modality`, `plan`, `output`, `spec`, `dataset` and what is below; knows no pixels.
"""
