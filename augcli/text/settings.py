"""What a spec says of texts as a whole: its section `text`."""

from __future__ import annotations

from augcli.settings import ColumnOrNone, Columns, FileOrNone, Settings, Words, setting


class TextSettings(Settings):
    """How texts are found, and what no step may touch."""

    columns: Columns = setting((), "The columns that are augmented; left out, `text`, or the only one with texts.")
    label: ColumnOrNone = setting(None, "The column with the class; left out, `label`, where there is one.")
    spans: ColumnOrNone = setting(
        None, "The field of JSON lines with labelled spans; left out, `spans` or `entities`, where there is one."
    )
    protect: Words = setting((), "Words and phrases that stay as they are, whatever their case.")
    protect_negations: bool = setting(True, "Leave `not`, `never`, `without`... and what follows them in place.")
    language: Words = setting(("en",), "The language of the texts, as `en` or `de`.")
    wordnet: FileOrNone = setting(None, "Another table of synonyms, or a folder with WordNet's own files.")
    origin: bool = setting(True, "Add the columns `augcli_source` and `augcli_copy` to tables.")

    @property
    def is_english(self) -> bool:
        """Whether texts are English, be it among other languages."""
        return any(name.lower().replace("_", "-").partition("-")[0] in ("en", "english") for name in self.language)


DEFAULTS = TextSettings()
