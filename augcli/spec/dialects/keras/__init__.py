"""Keras preprocessing layers (3.15) and `ImageDataGenerator`.

Angles are parts of a turn there, and height comes before width. `reflect` is our `symmetric`, `nearest` our `edge`.
A zoom above 1 shows more. One number v is -v to v for most layers.
"""

from __future__ import annotations

from augcli.spec.dialects.entry import Entries
from augcli.spec.dialects.keras import image_data_generator, layers, layers_of_version_3, refusals

ENTRIES: Entries = {
    **layers.ENTRIES,
    **layers_of_version_3.ENTRIES,
    **image_data_generator.ENTRIES,
    **refusals.ENTRIES,
}
