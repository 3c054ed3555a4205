"""What IN holds: sources, splits and classes, as the names of its folders tell. IN is only ever read.

May import `image` (to look into headers), `storage`, and what is below.
"""
