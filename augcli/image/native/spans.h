/* The columns of an affine row by what they read. */

typedef struct {
    int32_t start, end;
} Span;

/* The columns of a span whose position lies in [low, high); positions rise or fall along a row. */
static inline Span within(Span span, const int32_t *columns, int32_t row, int32_t low, int32_t high) {
    low -= row, high -= row;
    const int rises = columns[span.end - 1] >= columns[0];
    while (span.start < span.end && (rises ? columns[span.start] < low : columns[span.start] >= high)) span.start++;
    while (span.start < span.end && (rises ? columns[span.end - 1] >= high : columns[span.end - 1] < low)) span.end--;
    return span;
}

static inline void fill_span(const Source *source, Span span, uint8_t *out) {
    const int32_t channels = source->channels;
    for (uint8_t *to = out + span.start * channels; to < out + span.end * channels; to += channels)
        for (int32_t k = 0; k < channels; k++) to[k] = source->fill[k];
}

/* Where any of the four neighbours is shown. */
static inline Span shown_columns(const Source *source, const int32_t *xs, const int32_t *ys, int32_t at_x, int32_t at_y,
                                 int32_t width) {
    Span shown = {0, width};
    if (source->border != CONSTANT) return shown;
    shown = within(shown, xs, at_x, -ONE, source->width << BITS);
    return shown.start < shown.end ? within(shown, ys, at_y, -ONE, source->height << BITS) : shown;
}

/* Where all of them lie inside, and a row below them. */
static inline Span inside_columns(const Source *source, Span shown, const int32_t *xs, const int32_t *ys, int32_t at_x,
                                  int32_t at_y) {
    Span inside = shown;
    if (inside.start < inside.end) inside = within(inside, xs, at_x, 0, (source->width - 1) << BITS);
    if (inside.start < inside.end) inside = within(inside, ys, at_y, 0, (source->height - 2) << BITS);
    return inside;
}
