"""All that knows pixels: arrays, geometry, colour, filters, file formats, and the transforms."""
