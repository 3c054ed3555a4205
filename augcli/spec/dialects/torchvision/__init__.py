"""torchvision.transforms and its v2. `RandomAffine` turns clockwise there, and many defaults are nearest."""

from __future__ import annotations

from augcli.spec.dialects.entry import Entries
from augcli.spec.dialects.torchvision import containers, images, mixes, policies, refusals, values

ENTRIES: Entries = {
    **containers.ENTRIES,
    **images.ENTRIES,
    **policies.ENTRIES,
    **mixes.ENTRIES,
    **values.ENTRIES,
    **refusals.ENTRIES,
}
