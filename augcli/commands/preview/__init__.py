"""The pictures of `augcli preview`: sources beside their copies, or each step by itself."""
