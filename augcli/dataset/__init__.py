"""What IN holds: sources, splits, classes and labels, read from the layout of its folders. IN is only ever read.

May import `image` (to look into headers), `storage`, and what is below.
"""
