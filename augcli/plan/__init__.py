"""What is to be made: the files of every source by name, the recipe of every copy, the partners of every mix.

May import `output` (for rows), `spec`, `dataset`, `image` and what is below; it writes nothing.
"""
