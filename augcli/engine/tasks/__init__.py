"""What a worker does with a chunk of sources, one file for each task."""
