"""nlpaug 1.1: its augmenters of words, characters and whole texts, and its flows, in the library's own words."""

from __future__ import annotations

from augcli.spec.dialects.entry import Entries
from augcli.spec.dialects.nlpaug import characters, flows, models, refusals, words

ENTRIES: Entries = words.ENTRIES | characters.ENTRIES | models.ENTRIES | flows.ENTRIES | refusals.ENTRIES
