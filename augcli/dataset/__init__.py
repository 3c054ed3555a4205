"""What IN holds: sources, splits and classes, as the names of its folders tell. IN is only ever read.

May import `image`, `storage`, `problems`.
"""
