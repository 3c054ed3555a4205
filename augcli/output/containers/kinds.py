"""The kinds of containers that there are, by their words in a spec, loaded when they are asked for."""

from __future__ import annotations

from augcli.output.containers import Container


def container_of(kind: str) -> Container:
    """Return a kind of container by its word in a spec. Raises `Refused` where what it needs is not installed."""
    if kind == "parquet":
        from augcli.output.containers.parquet import Parquet  # loads pyarrow

        found: Container = Parquet()
        return found
    from augcli.output.containers.tar import Tar

    return Tar()


def suffix_of(kind: str) -> str:
    """Return the suffix of a kind of container."""
    return ".parquet" if kind == "parquet" else ".tar"
