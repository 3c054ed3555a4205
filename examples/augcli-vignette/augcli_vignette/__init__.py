"""Transforms for augcli, one file each."""
