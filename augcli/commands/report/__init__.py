"""The page of `augcli report`: what OUT holds, counted and shown, in one file of HTML that needs nothing else."""
