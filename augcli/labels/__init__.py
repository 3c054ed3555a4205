"""What is known of a picture besides its class: boxes, shapes, masks, keypoints, and how they move with the pixels.

One file for each format in `formats/`; what lies between reading and writing knows no format. May import `output`,
`spec`, `dataset`, `image`, `random_streams`, `problems`.
"""
