"""Models of language in folders of the user's own: which one is meant, what it lacks, and what it says.

- `folders`, where a model lies, of what kind it is, which files it needs, and the digest of them; imports nothing
  large, as the process that starts the others asks it.
- `masked`, which words a masked language model expects in a place of a text.
- `translation`, a text in another language, by either of two libraries; `sentences`, what is translated at once.

A model is loaded when it is first asked, once in a process. One place or one sentence is asked at a time: what a model
says of it does not depend on what else is asked, nor on the number of processes. Nothing is ever downloaded.
"""
