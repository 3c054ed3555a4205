/* The columns of a row by what they read. */

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
    const uint8_t *fill = source->fill;
    uint8_t *to = out + span.start * channels, *const end = out + span.end * channels;
    if (channels == 1 || (fill[0] == fill[1] && fill[0] == fill[2])) {
        memset(to, fill[0], (size_t)(end - to));
        return;
    }
    for (; to < end; to += channels)
        for (int32_t k = 0; k < channels; k++) to[k] = fill[k];
}

/* Where any of the four neighbours is shown. */
static inline Span shown_columns(const Source *source, const int32_t *xs, const int32_t *ys, int32_t at_x, int32_t at_y,
                                 int32_t width) {
    Span shown = {0, width};
    if (source->border != CONSTANT) return shown;
    shown = within(shown, xs, at_x, -ONE, source->width << BITS);
    return shown.start < shown.end ? within(shown, ys, at_y, -ONE, source->height << BITS) : shown;
}

/* Where all of them lie inside, and a row below them, by at least `slack`; by less, places need not rise or fall. */
static inline Span inside_columns(const Source *source, Span shown, const int32_t *xs, const int32_t *ys, int32_t at_x,
                                  int32_t at_y, int32_t slack) {
    const int32_t right = ((source->width - 1) << BITS) - slack, bottom = ((source->height - 2) << BITS) - slack;
    Span inside = shown;
    if (inside.start < inside.end) inside = within(inside, xs, at_x, slack, right);
    if (inside.start < inside.end) inside = within(inside, ys, at_y, slack, bottom);
    return inside;
}
