"""How a run is carried out: chunks of sources in, rows out, whichever worker dies.

It knows no pixels. May import `modality`, `plan`, `output`, `spec`, `dataset`, `storage`, `problems`.
"""
