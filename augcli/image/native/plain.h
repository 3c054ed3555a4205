/* Every loop in portable C. */

static inline uint8_t clipped(int32_t value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }

static void look_up_plain(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut) {
    for (size_t i = 0; i < values; i++) out[i] = lut[in[i]];
}

static void add_noise_plain(const uint8_t *in, uint8_t *out, size_t values, const int16_t *noise, int32_t factor,
                            int32_t offset, int32_t shift) {
    for (size_t i = 0; i < values; i++) out[i] = clipped(in[i] + ((noise[i] * factor + offset) >> shift));
}

/* A product in fixed point of 15 fractional bits, rounded. */
static inline int32_t product(int32_t value, int32_t weight) { return (value * weight + 0x4000) >> 15; }

/* The hash of a counter that is multiplied by an odd number of its key's and moved by another, so that the numbers of
 * two keys are neither the same nor the same moved: `lowbias32` by Chris Wellons. */
static inline uint32_t scrambled(uint32_t x) {
    x ^= x >> 16;
    x *= SCRAMBLE_1;
    x ^= x >> 15;
    x *= SCRAMBLE_2;
    return x ^ x >> 15;
}

/* Normal numbers in units of 1/4096, for the counters from `start` on. A sum of a hash's four bytes is bell-shaped; unlike
 * weights fill the steps between its values. A polynomial in its square bends it to the law: BEND is the least-squares
 * fit to the normal quantiles of that sum. */
static void normal_plain(uint32_t start, size_t n, const uint32_t *key, int16_t *out) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t bits = scrambled(key[0] + (start + (uint32_t)i) * key[1]);
        int32_t x = -MIDDLE;
        for (int k = 0; k < 4; k++) x += (int32_t)(bits >> 8 * k & 255) * WEIGHTS[k];
        const int32_t square = product(x, x);
        int32_t bend = BEND[4];
        for (int k = 3; k >= 0; k--) bend = product(bend, square) + BEND[k];
        out[i] = (int16_t)product(x, bend);
    }
}

/* Which of `length` pixels the index shows; -1: none. */
static int32_t reach(int32_t at, int32_t length, int32_t border) {
    if (at >= 0 && at < length) return at;
    if (border == EDGE) return at < 0 ? 0 : length - 1;
    if (border == CONSTANT) return -1;
    int32_t period = border == WRAP ? length : border == SYMMETRIC ? 2 * length : length > 1 ? 2 * length - 2 : 1;
    at %= period;
    at += at < 0 ? period : 0;
    if (at < length) return at;
    return border == SYMMETRIC ? period - 1 - at : period - at;
}

/* One output pixel, from a position with BITS fractional bits. */
static void sample(const Source *source, int32_t at_x, int32_t at_y, uint8_t *out) {
    const int32_t left = at_x >> BITS, top = at_y >> BITS, channels = source->channels;
    const int32_t x = at_x & (ONE - 1), y = at_y & (ONE - 1);
    const int32_t xy = (x * y + ONE / 2) >> BITS;
    const int32_t weights[4] = {ONE - x - y + xy, x - xy, y - xy, xy};
    const int32_t columns[2] = {reach(left, source->width, source->border),
                                reach(left + 1, source->width, source->border)};
    const int32_t rows[2] = {reach(top, source->height, source->border),
                             reach(top + 1, source->height, source->border)};
    const uint8_t *taps[4];
    for (int tap = 0; tap < 4; tap++) {
        const int32_t row = rows[tap >> 1], column = columns[tap & 1];
        taps[tap] = row < 0 || column < 0 ? source->fill : source->pixels + row * source->stride + column * channels;
    }
    for (int32_t channel = 0; channel < channels; channel++) {
        int32_t sum = ONE / 2;
        for (int tap = 0; tap < 4; tap++) sum += weights[tap] * taps[tap][channel];
        out[channel] = (uint8_t)(sum >> BITS);
    }
}

/* To fixed point; what is beyond every image, or no number, goes to its end. Ties go to the even number. */
static int32_t position(double at) {
    const double far = (double)(1 << 29);
    at = at < far ? at : far;
    at = at > -far ? at : -far;
    return (int32_t)rint(at);
}

/* The pixels of one row from `column` on, each place computed by itself. */
static void projective_row(const Source *source, const double *m, int32_t row, int32_t column, int32_t width,
                           uint8_t *out) {
    const double u = m[1] * row + m[2], v = m[4] * row + m[5], w = m[7] * row + m[8];
    for (; column < width; column++) {
        const double part = 1 / (m[6] * column + w);
        const int32_t x = position((m[0] * column + u) * part), y = position((m[3] * column + v) * part);
        sample(source, x, y, out + (ptrdiff_t)column * source->channels);
    }
}

static void warp_plain(const Source *source, const Motion *motion, int32_t start, int32_t end, uint8_t *out) {
    const double *m = motion->matrix;
    const int32_t *xs = motion->columns, *ys = xs ? xs + motion->width : NULL;
    for (int32_t row = start; row < end; row++, out += (ptrdiff_t)motion->width * source->channels) {
        if (!xs) {
            projective_row(source, m, row, 0, motion->width, out);
            continue;
        }
        const int32_t x = position(m[1] * row + m[2]), y = position(m[4] * row + m[5]);
        for (int32_t column = 0; column < motion->width; column++)
            sample(source, xs[column] + x, ys[column] + y, out + (ptrdiff_t)column * source->channels);
    }
}

/* Values in a blur have 7 fractional bits. `weights` begins with the middle one; the others are for both sides
 * together. */
static void blur_down(const uint8_t **rows, size_t start, size_t end, const int16_t *weights, int32_t radius,
                      int16_t *middle) {
    for (size_t i = start; i < end; i++) {
        int32_t sum = product(rows[radius][i] << 7, weights[0]);
        for (int32_t k = 1; k <= radius; k++)
            sum += product((rows[radius - k][i] + rows[radius + k][i]) << 6, weights[k]);
        middle[i] = (int16_t)sum;
    }
}

static void blur_ends(int16_t *line, int32_t width, int32_t channels, int32_t radius) {
    for (int32_t k = 1; k <= radius; k++)
        for (int32_t channel = 0; channel < channels; channel++) {
            line[(radius - k) * channels + channel] = line[(radius + reach(-k, width, REFLECT)) * channels + channel];
            line[(radius + width - 1 + k) * channels + channel] =
                line[(radius + reach(width - 1 + k, width, REFLECT)) * channels + channel];
        }
}

static void blur_along(const int16_t *middle, size_t start, size_t end, int32_t channels, const int16_t *weights,
                       int32_t radius, uint8_t *out) {
    for (size_t i = start; i < end; i++) {
        const int16_t *at = middle + i;
        int32_t sum = product(at[0], weights[0]);
        for (int32_t k = 1; k <= radius; k++)
            sum += product((at[-k * channels] + at[k * channels] + 1) >> 1, weights[k]);
        out[i] = clipped((sum + 64) >> 7);
    }
}

static void blur_row_plain(const uint8_t **rows, int32_t width, int32_t channels, const int16_t *down,
                           const int16_t *along, int32_t radius, int16_t *line, uint8_t *out) {
    const size_t values = (size_t)width * (size_t)channels;
    int16_t *middle = line + radius * channels;
    blur_down(rows, 0, values, down, radius, middle);
    blur_ends(line, width, channels, radius);
    blur_along(middle, 0, values, channels, along, radius, out);
}

/* The pixels of a halved row from number `start` on. */
static void halve_from(const uint8_t *above, const uint8_t *below, int32_t start, int32_t width, int32_t channels,
                       uint8_t *out) {
    for (int32_t i = start; i < (width + 1) / 2; i++) {
        const ptrdiff_t left = (ptrdiff_t)2 * i * channels, right = 2 * i + 1 < width ? left + channels : left;
        for (int32_t k = 0; k < channels; k++)
            out[(ptrdiff_t)i * channels + k] =
                (uint8_t)((above[left + k] + above[right + k] + below[left + k] + below[right + k] + 2) >> 2);
    }
}

static void halve_row_plain(const uint8_t *above, const uint8_t *below, int32_t width, int32_t channels, uint8_t *out) {
    halve_from(above, below, 0, width, channels, out);
}

static void average_rows_plain(const uint8_t *above, const uint8_t *below, size_t values, uint8_t *out) {
    for (size_t i = 0; i < values; i++) out[i] = (uint8_t)((above[i] + below[i] + 1) >> 1);
}

static void add_up_plain(const uint8_t *in, size_t pixels, int32_t channels, uint64_t *sums) {
    for (size_t i = 0; i < pixels; i++)
        for (int32_t k = 0; k < channels; k++) sums[k] += *in++;
}

static void mix_plain(uint8_t (*planes)[TILE], size_t n, const int32_t *stage) {
    const int32_t *c = stage + 1, *offset = stage + 10, shift = stage[13];
    for (size_t i = 0; i < n; i++) {
        const int32_t r = planes[0][i], g = planes[1][i], b = planes[2][i];
        for (int k = 0; k < 3; k++)
            planes[k][i] = clipped((c[3 * k] * r + c[3 * k + 1] * g + c[3 * k + 2] * b + offset[k]) >> shift);
    }
}

/* Pillow's greyscale: luma, in every channel. */
static void grey_plain(uint8_t (*planes)[TILE], size_t n) {
    for (size_t i = 0; i < n; i++) {
        const int32_t sum = planes[0][i] * LUMA_RED + planes[1][i] * LUMA_GREEN + planes[2][i] * LUMA_BLUE;
        planes[0][i] = (uint8_t)((sum + 0x8000) >> 16);
    }
    memcpy(planes[1], planes[0], n);
    memcpy(planes[2], planes[0], n);
}

static inline uint8_t turned(int32_t x, int32_t y, int32_t z, int32_t low, int32_t high, int32_t part) {
    const int32_t value = x - y + (z > y ? low + part : high - part);
    return (uint8_t)(value < low ? low : value > high ? high : value);
}

/* See hue_stage in colour.py for the formula. */
static void hue_plain(uint8_t (*planes)[TILE], size_t n, const int32_t *stage) {
    const int32_t *read = stage + 1, *write = stage + 4, step = stage[7];
    for (size_t i = 0; i < n; i++) {
        const int32_t x = planes[read[0]][i], y = planes[read[1]][i], z = planes[read[2]][i];
        int32_t high = x > y ? x : y, low = x < y ? x : y;
        high = high > z ? high : z;
        low = low < z ? low : z;
        const int32_t part = ((high - low) * step + 0x4000) >> 15;
        planes[write[0]][i] = turned(x, y, z, low, high, part);
        planes[write[1]][i] = turned(y, z, x, low, high, part);
        planes[write[2]][i] = turned(z, x, y, low, high, part);
    }
}

static void colour_plain(const uint8_t *in, uint8_t *out, size_t pixels, const int32_t *program, int32_t stages,
                         const uint8_t *tables) {
    uint8_t planes[3][TILE];
    for (size_t start = 0; start < pixels; start += TILE) {
        const size_t n = pixels - start < TILE ? pixels - start : TILE;
        const uint8_t *from = in + 3 * start;
        uint8_t *to = out + 3 * start;
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) planes[k][i] = from[3 * i + k];
        for (const int32_t *stage = program; stage < program + STAGE * stages; stage += STAGE) {
            if (*stage == TABLE)
                for (int k = 0; k < 3; k++) look_up_plain(planes[k], planes[k], n, tables + stage[1 + k]);
            else if (*stage == MIX)
                mix_plain(planes, n, stage);
            else if (*stage == GREY)
                grey_plain(planes, n);
            else
                hue_plain(planes, n, stage);
        }
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) to[3 * i + k] = planes[k][i];
    }
}
