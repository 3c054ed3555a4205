"""Workers on a Dask cluster: a driver here, couriers there, and processes of ours that do the work.

`driver` stands where processes of this machine would. `connection` finds the scheduler. `members` knows which workers
there are, and asks each, before it gets work, whether it makes the same bytes. `courier` runs in Dask's workers: it
keeps a worker process as `engine.pool` starts it, and hands chunks to it, so that a source that kills its process does
no harm to Dask's own.
"""
