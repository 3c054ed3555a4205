"""How a file of labels names an image of OUT: as it named the source."""

from __future__ import annotations


def listed_path(said: str, path: str) -> str:
    """Return the path of an image of OUT as its source's is said: relative to the same folder, with `/` between.

    Of an absolute path as much is kept as the image's own path has.
    """
    *folders, _ = said.replace("\\", "/").split("/")
    *there, name = path.split("/")
    if folders and (not folders[0] or folders[0].endswith(":")):
        same = next((k for k in range(min(len(folders), len(there)), 0, -1) if folders[-k:] == there[-k:]), 0)
        folders = folders[len(folders) - same :]
    return "/".join([*folders, name])
