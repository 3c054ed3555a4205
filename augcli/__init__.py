"""augcli expands an image folder into augmented copies; the command line is in `cli`."""

__version__ = "0.1.0"
