"""What workers do with a chunk, one file for each: make, compare, estimate, look, replay."""
