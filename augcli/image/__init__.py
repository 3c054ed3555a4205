"""All that knows pixels: what augmentations draw, what their draws mean, and how images are read and written.

- `transforms/`, one file each, and `transform`, what they all are: settings, a draw, and the ops that a draw means.
  `random_sizes` helps them draw. `packages` finds those of other packages, `package_steps` says what is
  wrong with their steps, `extension` has the names that these are written with, `contract` what all of them promise.
- `ops/`, what is done to a picture, as values, and `run`, which does it. `fusion` merges neighbours. `label_shares`
  counts what ops leave of each mixed picture.
- Kernels, image in and image out: `geometry` and `shrinking` move pixels, by `matrices` or `displacement_fields`;
  `colour` and `histograms` change values; `blurs`, `noise`, `quality`, `weather`, `sun_and_shadow`, `erasing`,
  `blending`; `transparency` for pictures with alpha. `native/` has the compiled ones.
- `pictures/`, the file formats, and `near_duplicates`, which files show the same picture.
- `arrays`, the shapes and dtypes of all these; `values`, equality; `lazy_imports`; `process`, what augcli changes of a
  process of its own; `versions` of all that decides the bytes of an output.

May import `settings`, `storage`, `random_streams`, `problems`.
"""
