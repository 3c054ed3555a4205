"""All that knows texts: words and what must not be touched, edits, the steps that make them, and what these need.

- `transforms/`, one file each, and `transform`, what they all are: settings, and a draw that holds edits.
- `text`, a text as a step sees it: its words, and the spans that stay as they are; `words` finds both, `negations`
  and `stop_words` say which words count as such.
- `edits`, what is done to a text, as values: a text is never taken apart and joined again.

May import `settings`, `random_streams`, `problems`.
"""
