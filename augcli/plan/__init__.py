"""What is to be made: the files of every source by name, the recipe of every copy, the partners of every mix.

It writes nothing. May import `labels`, `output`, `spec`, `dataset`, `image`, `settings`, `storage`, `random_streams`,
`problems`.
"""
