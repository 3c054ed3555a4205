"""`augcli diff`: two outputs, or two specs, and what changed from the first to the second."""

MADE_BY = "augcli diff"
"""What pictures and pages of pairs say of themselves."""
