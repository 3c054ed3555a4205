/* The loops with vectors of 32 bytes, for processors that have them. */
#include <immintrin.h>

#include "spans.h"

#define AVX2 __attribute__((target("avx2")))

/* A shuffle looks up 16 entries for 32 bytes at once, by their lower four bits. The upper four choose between the
 * table's 16 pieces, bit by bit. */
AVX2 static void look_up_avx2(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut) {
    __m256i pieces[16];
    for (int k = 0; k < 16; k++)
        pieces[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(lut + 16 * k)));
    const __m256i lower = _mm256_set1_epi8(15);
    size_t i = 0;
    for (; i + 32 <= values; i += 32) {
        const __m256i index = _mm256_loadu_si256((const __m256i *)(in + i)), low = _mm256_and_si256(index, lower);
        /* A blend looks at the top bit of each byte, which holds bits 4, 5, 6 and 7 of the index in turn. */
        const __m256i bit4 = _mm256_slli_epi16(index, 3), bit5 = _mm256_slli_epi16(index, 2);
        const __m256i bit6 = _mm256_add_epi8(index, index);
#define PIECE(k) _mm256_shuffle_epi8(pieces[k], low)
#define TWO(k) _mm256_blendv_epi8(PIECE(k), PIECE(k + 1), bit4)
#define FOUR(k) _mm256_blendv_epi8(TWO(k), TWO(k + 2), bit5)
#define EIGHT(k) _mm256_blendv_epi8(FOUR(k), FOUR(k + 4), bit6)
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_blendv_epi8(EIGHT(0), EIGHT(8), index));
#undef PIECE
#undef TWO
#undef FOUR
#undef EIGHT
    }
    look_up_plain(in + i, out + i, values - i, lut);
}

AVX2 static void add_noise_avx2(const uint8_t *in, uint8_t *out, size_t values, const int16_t *noise, int32_t factor,
                                int32_t offset, int32_t shift) {
    const __m256i factors = _mm256_set1_epi32(factor), offsets = _mm256_set1_epi32(offset);
    const __m256i zero = _mm256_setzero_si256();
    const __m128i shifts = _mm_cvtsi32_si128(shift);
    size_t i = 0;
    for (; i + 16 <= values; i += 16) {
        const __m256i numbers = _mm256_loadu_si256((const __m256i *)(noise + i));
        /* Pairs (number, 0), multiplied by (factor, 0) and added. */
        __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(numbers, zero), factors);
        __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(numbers, zero), factors);
        low = _mm256_sra_epi32(_mm256_add_epi32(low, offsets), shifts);
        high = _mm256_sra_epi32(_mm256_add_epi32(high, offsets), shifts);
        const __m256i pixels = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(in + i)));
        const __m256i sum = _mm256_adds_epi16(_mm256_packs_epi32(low, high), pixels);
        _mm_storeu_si128((__m128i *)(out + i),
                         _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1)));
    }
    add_noise_plain(in + i, out + i, values - i, noise + i, factor, offset, shift);
}

AVX2 static inline __m256i scrambled_avx2(__m256i x) {
    x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 16));
    x = _mm256_mullo_epi32(x, _mm256_set1_epi32((int32_t)SCRAMBLE_1));
    x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
    x = _mm256_mullo_epi32(x, _mm256_set1_epi32((int32_t)SCRAMBLE_2));
    return _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
}

AVX2 static void normal_avx2(uint32_t start, size_t n, const uint32_t *key, int16_t *out) {
    /* Packing takes four of the first vector and four of the second in turn. */
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 8, 9, 10, 11), factor = _mm256_set1_epi32((int32_t)key[1]);
    __m256i first = _mm256_add_epi32(_mm256_mullo_epi32(lanes, factor),
                                     _mm256_set1_epi32((int32_t)(key[0] + start * key[1])));
    __m256i second = _mm256_add_epi32(first, _mm256_slli_epi32(factor, 2));
    const __m256i step = _mm256_slli_epi32(factor, 4), middle = _mm256_set1_epi16(MIDDLE), ones = _mm256_set1_epi16(1);
    const __m256i weights = _mm256_set1_epi32(WEIGHTS[0] | WEIGHTS[1] << 8 | WEIGHTS[2] << 16 | WEIGHTS[3] << 24);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
#define SUM(x) _mm256_madd_epi16(_mm256_maddubs_epi16(scrambled_avx2(x), weights), ones)
        const __m256i x = _mm256_sub_epi16(_mm256_packus_epi32(SUM(first), SUM(second)), middle);
#undef SUM
        const __m256i square = _mm256_mulhrs_epi16(x, x);
        __m256i bend = _mm256_set1_epi16(BEND[4]);
        for (int k = 3; k >= 0; k--)
            bend = _mm256_add_epi16(_mm256_mulhrs_epi16(bend, square), _mm256_set1_epi16(BEND[k]));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_mulhrs_epi16(x, bend));
        first = _mm256_add_epi32(first, step), second = _mm256_add_epi32(second, step);
    }
    normal_plain(start + (uint32_t)i, n - i, key, out + i);
}

#define LOAD(from) _mm_loadu_si128((const __m128i *)(from))
#define BOTH(lower, upper) _mm256_inserti128_si256(_mm256_castsi128_si256(lower), upper, 1)
#define TWICE(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))

/* The sums of pixel k in the lower half and of k + 4 in the upper; k is a constant. */
#define SUMS(k)                                                                                                       \
    _mm256_add_epi32(                                                                                                 \
        _mm256_madd_epi16(_mm256_shuffle_epi8(BOTH(LOAD(above + at[k]), LOAD(above + at[(k) + 4])), pairs),           \
                          _mm256_shuffle_epi32(upper, 0x55 * (k))),                                                   \
        _mm256_madd_epi16(_mm256_shuffle_epi8(BOTH(LOAD(below + at[k]), LOAD(below + at[(k) + 4])), pairs),           \
                          _mm256_shuffle_epi32(lower, 0x55 * (k))))

/* The sums of pixels k and k + 1 side by side in 16 bits, rounded. */
#define ROUNDED(k)                                                                                                    \
    _mm256_avg_epu16(_mm256_blend_epi16(_mm256_srli_epi32(SUMS(k), BITS - 1),                                         \
                                        _mm256_slli_epi32(SUMS(k + 1), 17 - BITS), 0xaa),                             \
                     _mm256_setzero_si256())

/* Eight pixels whose four neighbours all lie inside, and 16 bytes from each. What lies `ahead` is soon needed. */
AVX2 static inline __attribute__((always_inline)) void eight_inside(const uint8_t *above, int32_t stride,
                                                                    int32_t channels, __m256i at_x, __m256i at_y,
                                                                    ptrdiff_t ahead, uint8_t *out) {
    const __m256i fraction = _mm256_set1_epi32(ONE - 1), one = _mm256_set1_epi32(ONE);
    const __m256i left = _mm256_srli_epi32(at_x, BITS), top = _mm256_srli_epi32(at_y, BITS);
    const __m256i along = channels == 3 ? _mm256_add_epi32(_mm256_add_epi32(left, left), left) : left;
    const __m256i offsets = _mm256_add_epi32(_mm256_mullo_epi32(top, _mm256_set1_epi32(stride)), along);
    const __m256i x = _mm256_and_si256(at_x, fraction), y = _mm256_and_si256(at_y, fraction);
    const __m256i xy = _mm256_mulhrs_epi16(_mm256_add_epi32(x, x), y); /* rounded, as a product of 15 bits and 14 */
    /* Weights side by side: of the left pixels below 1 - x and of the right x, and as much of those as is below. */
    const __m256i both = _mm256_add_epi32(_mm256_sub_epi32(one, x), _mm256_slli_epi32(x, 16));
    const __m256i lower = _mm256_add_epi32(_mm256_sub_epi32(y, xy), _mm256_slli_epi32(xy, 16));
    const __m256i upper = _mm256_sub_epi32(both, lower);
    const uint8_t *below = above + stride;
    const uintptr_t first = (uint32_t)_mm256_cvtsi256_si32(offsets);
    _mm_prefetch((const char *)((uintptr_t)above + first + (uintptr_t)ahead), _MM_HINT_T0);
    if (channels == 1) {
        const __m256i pairs = TWICE(0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13, -1);
        const __m256i over = _mm256_shuffle_epi8(_mm256_i32gather_epi32((const int *)above, offsets, 1), pairs);
        const __m256i deep = _mm256_shuffle_epi8(_mm256_i32gather_epi32((const int *)below, offsets, 1), pairs);
        __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(over, upper), _mm256_madd_epi16(deep, lower));
        sum = _mm256_srli_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(ONE / 2)), BITS);
        sum = _mm256_packus_epi32(sum, sum);
        const __m128i values = _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        _mm_storel_epi64((__m128i *)out, _mm_shuffle_epi32(values, 0x08));
        return;
    }
    /* The two pixels of a row side by side, as pairs of 16 bits: left and right red, left and right green... */
    const __m256i pairs = TWICE(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
    const __m256i packed = TWICE(0, 2, 4, 1, 3, 5, 8, 10, 12, 9, 11, 13, -1, -1, -1, -1);
    uint32_t at[8];
    _mm256_storeu_si256((__m256i *)at, offsets);
    __asm__("" : "+m"(at)); /* or GCC takes them from the vector again, one by one, which takes longer */
    const __m256i fours = _mm256_shuffle_epi8(_mm256_packus_epi16(ROUNDED(0), ROUNDED(2)), packed); /* 12 bytes each */
    const __m256i bytes = _mm256_permutevar8x32_epi32(fours, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
    _mm_storeu_si128((__m128i *)out, _mm256_castsi256_si128(bytes));
    _mm_storel_epi64((__m128i *)(out + 16), _mm256_extracti128_si256(bytes, 1));
}

#define CHANNELS(call) (source->channels == 3 ? call(3) : call(1))

/* One row; for `slack` see `inside_columns`. */
AVX2 static void row_avx2(const Source *source, const int32_t *xs, const int32_t *ys, int32_t at_x, int32_t at_y,
                          int32_t width, int32_t slack, ptrdiff_t ahead, uint8_t *out) {
    const int32_t channels = source->channels, stride = (int32_t)source->stride;
    const Span shown = shown_columns(source, xs, ys, at_x, at_y, width);
    const Span inside = inside_columns(source, shown, xs, ys, at_x, at_y, slack);
    fill_span(source, (Span){0, shown.start}, out);
    int32_t column = shown.start;
    for (; column < inside.start; column++)
        sample(source, xs[column] + at_x, ys[column] + at_y, out + column * channels);
    if (channels == 3 && has_avx512())
        column = sixteens_inside(source, xs, ys, at_x, at_y, column, inside.end, ahead, out);
    const __m256i rows_x = _mm256_set1_epi32(at_x), rows_y = _mm256_set1_epi32(at_y);
    for (; column < inside.end && inside.end - inside.start >= 8; column += 8) {
        if (column + 8 > inside.end) column = inside.end - 8; /* some once more, rather than the last one by one */
        const __m256i x = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(xs + column)), rows_x);
        const __m256i y = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(ys + column)), rows_y);
#define EIGHT(n) eight_inside(source->pixels, stride, n, x, y, ahead, out + column * n)
        CHANNELS(EIGHT);
#undef EIGHT
    }
    for (; column < shown.end; column++)
        sample(source, xs[column] + at_x, ys[column] + at_y, out + column * channels);
    fill_span(source, (Span){shown.end, width}, out);
}

/* Whether no place in a row is cut off by `position`: none is where those of its ends are not and no depth between them
 * changes its sign, and then places rise or fall along it. */
static int lies_near(const double *m, int32_t row, int32_t width) {
    for (int end = 0; end < 2; end++) {
        const double column = end ? width : 0, w = m[6] * column + (m[7] * row + m[8]), far = w * (1 << 29);
        const double x = m[0] * column + (m[1] * row + m[2]), y = m[3] * column + (m[4] * row + m[5]);
        if (!(w > 1e-6 && fabs(x) < far && fabs(y) < far)) return 0;
    }
    return 1;
}

/* The places of `n` columns from `start` on, rounded up to whole vectors, in a row that lies near. */
AVX2 static void find_places(const double *m, int32_t row, int32_t start, int32_t n, int32_t *xs, int32_t *ys) {
    const __m256d us = _mm256_set1_pd(m[1] * row + m[2]), vs = _mm256_set1_pd(m[4] * row + m[5]);
    const __m256d ws = _mm256_set1_pd(m[7] * row + m[8]), one = _mm256_set1_pd(1), four = _mm256_set1_pd(4);
    const __m256d a = _mm256_set1_pd(m[0]), d = _mm256_set1_pd(m[3]), g = _mm256_set1_pd(m[6]);
    __m256d at = _mm256_add_pd(_mm256_set1_pd(start), _mm256_setr_pd(0, 1, 2, 3));
    for (int32_t i = 0; i < n; i += 4, at = _mm256_add_pd(at, four)) {
        const __m256d part = _mm256_div_pd(one, _mm256_add_pd(_mm256_mul_pd(g, at), ws));
        const __m256d x = _mm256_mul_pd(_mm256_add_pd(_mm256_mul_pd(a, at), us), part);
        const __m256d y = _mm256_mul_pd(_mm256_add_pd(_mm256_mul_pd(d, at), vs), part);
        _mm_storeu_si128((__m128i *)(xs + i), _mm256_cvtpd_epi32(x));
        _mm_storeu_si128((__m128i *)(ys + i), _mm256_cvtpd_epi32(y));
    }
}

#define SLACK 16 /* places that are divided and rounded are true to less than that */

AVX2 static void projective_row_avx2(const Source *source, const double *m, int32_t row, int32_t width, ptrdiff_t ahead,
                                     uint8_t *out) {
    if (!lies_near(m, row, width)) {
        projective_row(source, m, row, 0, width, out);
        return;
    }
    int32_t xs[TILE], ys[TILE];
    for (int32_t start = 0; start < width; start += TILE) {
        const int32_t n = width - start < TILE ? width - start : TILE;
        find_places(m, row, start, n, xs, ys);
        row_avx2(source, xs, ys, 0, 0, n, SLACK, ahead, out + (ptrdiff_t)start * source->channels);
    }
}

#define AHEAD 8 /* rows */

/* How far from what a row reads lies what one a few rows below does, in bytes, at their middle. A turned row crosses so
 * many of the source's that the processor does not see it coming. */
static ptrdiff_t ahead_of(const Source *source, const double *m, int32_t row, int32_t width) {
    int32_t x[2], y[2];
    const double column = width / 2;
    for (int i = 0; i < 2; i++, row += AHEAD) {
        const double part = 1 / (m[6] * column + m[7] * row + m[8]);
        x[i] = position((m[0] * column + m[1] * row + m[2]) * part);
        y[i] = position((m[3] * column + m[4] * row + m[5]) * part);
    }
    return ((y[1] - y[0]) >> BITS) * source->stride + ((x[1] - x[0]) >> BITS) * source->channels;
}

AVX2 static void warp_avx2(const Source *source, const Motion *motion, int32_t start, int32_t end, uint8_t *out) {
    const int32_t width = motion->width, *columns = motion->columns;
    const ptrdiff_t line = (ptrdiff_t)width * source->channels;
    const double *m = motion->matrix;
    const int small = source->width < 16 || source->height < 3 || width < 1;
    if (small || source->stride * source->height > INT32_MAX || (source->channels != 3 && source->channels != 1)) {
        warp_plain(source, motion, start, end, out);
        return;
    }
    const ptrdiff_t ahead = ahead_of(source, m, start + (end - start) / 2, width);
    for (int32_t row = start; row < end; row++, out += line) {
        if (columns)
            row_avx2(source, columns, columns + width, position(m[1] * row + m[2]), position(m[4] * row + m[5]), width,
                     0, ahead, out);
        else
            projective_row_avx2(source, m, row, width, ahead, out);
    }
}

/* Down, then along: `line` begins `radius` pixels before the row. The radius is a constant where it is small. */
AVX2 static inline __attribute__((always_inline)) void blur_radius(const uint8_t **rows, int32_t width, int32_t channels,
                                                                   const int16_t *down, const int16_t *along,
                                                                   int32_t radius, int16_t *line, uint8_t *out) {
    const size_t values = (size_t)width * (size_t)channels;
    int16_t *middle = line + radius * channels;
    const __m256i half = _mm256_set1_epi16(64);
    size_t i = 0;
#define BYTES(k) _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(row[k] + i)))
#define NUMBERS(k) _mm256_loadu_si256((const __m256i *)(middle + i + (k) * channels))
#define KEPT 3 /* up to this radius what is read again and again is held in registers, whatever is stored to */
    const uint8_t *near[2 * KEPT + 1], **row = radius <= KEPT ? near : rows;
    __m256i weights[KEPT + 1] = {half};
    for (int32_t k = 0; k <= 2 * radius && radius <= KEPT; k++) row[k] = rows[k];
    for (int32_t k = 0; k <= radius && radius <= KEPT; k++) weights[k] = _mm256_set1_epi16(down[k]);
#define WEIGHT(from, k) (radius <= KEPT ? weights[k] : _mm256_set1_epi16(from[k]))
    for (; i + 16 <= values; i += 16) {
        __m256i sum = _mm256_mulhrs_epi16(_mm256_slli_epi16(BYTES(radius), 7), WEIGHT(down, 0));
        for (int32_t k = 1; k <= radius; k++) {
            const __m256i pair = _mm256_slli_epi16(_mm256_add_epi16(BYTES(radius - k), BYTES(radius + k)), 6);
            sum = _mm256_add_epi16(sum, _mm256_mulhrs_epi16(pair, WEIGHT(down, k)));
        }
        _mm256_storeu_si256((__m256i *)(middle + i), sum);
    }
    blur_down(rows, i, values, down, radius, middle);
    blur_ends(line, width, channels, radius);
    for (int32_t k = 0; k <= radius && radius <= KEPT; k++) weights[k] = _mm256_set1_epi16(along[k]);
    for (i = 0; i + 16 <= values; i += 16) {
        __m256i sum = _mm256_mulhrs_epi16(NUMBERS(0), WEIGHT(along, 0));
        for (int32_t k = 1; k <= radius; k++)
            sum = _mm256_add_epi16(
                sum, _mm256_mulhrs_epi16(_mm256_avg_epu16(NUMBERS(-k), NUMBERS(k)), WEIGHT(along, k)));
        sum = _mm256_srai_epi16(_mm256_add_epi16(sum, half), 7);
        _mm_storeu_si128((__m128i *)(out + i),
                         _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1)));
    }
#undef BYTES
#undef NUMBERS
#undef WEIGHT
    blur_along(middle, i, values, channels, along, radius, out);
}

AVX2 static void blur_row_avx2(const uint8_t **rows, int32_t width, int32_t channels, const int16_t *down,
                               const int16_t *along, int32_t radius, int16_t *line, uint8_t *out) {
#define RADIUS(n)                                                                  \
    (channels == 3 ? blur_radius(rows, width, 3, down, along, n, line, out) \
                   : blur_radius(rows, width, channels, down, along, n, line, out))
    if (radius == 1)
        RADIUS(1);
    else if (radius == 2)
        RADIUS(2);
    else if (radius == 3)
        RADIUS(3);
    else
        RADIUS(radius);
#undef RADIUS
}

/* Eight pixels of a halved row at a time, from pairs of bytes side by side that are added. */
AVX2 static void halve_row_avx2(const uint8_t *above, const uint8_t *below, int32_t width, int32_t channels,
                                uint8_t *out) {
    const __m256i ones = _mm256_set1_epi8(1), two = _mm256_set1_epi16(2);
    const __m256i pairs = TWICE(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, -1, -1, -1, -1);
    const __m256i packed = TWICE(0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, -1, -1, -1, -1);
    int32_t i = 0;
#define PAIRS(row, at) \
    _mm256_maddubs_epi16(_mm256_shuffle_epi8(BOTH(LOAD((row) + (at)), LOAD((row) + (at) + 24)), pairs), ones)
#define QUARTERS(at)                                                                                          \
    _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(PAIRS(above + 6 * i, at), PAIRS(below + 6 * i, at)), two), 2)
    if (channels == 3)
        for (; 2 * i + 18 <= width; i += 8) { /* reads 52 bytes, writes 28 */
            const __m256i means = _mm256_packus_epi16(QUARTERS(0), QUARTERS(12));
            const __m256i bytes = _mm256_shuffle_epi8(means, packed);
            _mm_storeu_si128((__m128i *)(out + 3 * i), _mm256_castsi256_si128(bytes));
            if (2 * i + 20 <= width) {
                _mm_storeu_si128((__m128i *)(out + 3 * i + 12), _mm256_extracti128_si256(bytes, 1));
            } else {
                uint8_t last[16];
                _mm_storeu_si128((__m128i *)last, _mm256_extracti128_si256(bytes, 1));
                memcpy(out + 3 * i + 12, last, 12);
            }
        }
#undef PAIRS
#undef QUARTERS
    if (channels == 1)
        for (; 2 * i + 32 <= width; i += 16) {
            const __m256i over = _mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)(above + 2 * i)), ones);
            const __m256i under = _mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)(below + 2 * i)), ones);
            const __m256i means = _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(over, under), two), 2);
            _mm_storeu_si128((__m128i *)(out + i),
                             _mm_packus_epi16(_mm256_castsi256_si128(means), _mm256_extracti128_si256(means, 1)));
        }
    halve_from(above, below, i, width, channels, out);
}

AVX2 static void average_rows_avx2(const uint8_t *above, const uint8_t *below, size_t values, uint8_t *out) {
    size_t i = 0;
    for (; i + 32 <= values; i += 32) {
        const __m256i over = _mm256_loadu_si256((const __m256i *)(above + i));
        const __m256i under = _mm256_loadu_si256((const __m256i *)(below + i));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_avg_epu8(over, under));
    }
    average_rows_plain(above + i, below + i, values - i, out + i);
}

/* Bytes of three vectors in a row, of which those of one channel are chosen and added up. */
AVX2 static void add_up_avx2(const uint8_t *in, size_t pixels, int32_t channels, uint64_t *sums) {
    const __m256i zero = _mm256_setzero_si256();
    size_t i = 0;
    if (channels == 3) {
        __m256i chosen[3], total[3] = {zero, zero, zero};
        for (int k = 0; k < 3; k++) {
            uint8_t mask[32];
            for (int at = 0; at < 32; at++) mask[at] = at % 3 == k ? 255 : 0;
            chosen[k] = _mm256_loadu_si256((const __m256i *)mask);
        }
        for (; i + 32 <= pixels; i += 32)
            for (int part = 0; part < 3; part++) {
                const __m256i bytes = _mm256_loadu_si256((const __m256i *)(in + 3 * i + 32 * part));
                for (int k = 0; k < 3; k++) /* byte 32 is of channel 2, byte 64 of channel 1 */
                    total[k] = _mm256_add_epi64(
                        total[k], _mm256_sad_epu8(_mm256_and_si256(bytes, chosen[(k + part) % 3]), zero));
            }
        for (int k = 0; k < 3; k++) {
            uint64_t four[4];
            _mm256_storeu_si256((__m256i *)four, total[k]);
            sums[k] += four[0] + four[1] + four[2] + four[3];
        }
    }
    add_up_plain(in + i * (size_t)channels, pixels - i, channels, sums);
}

AVX2 static void mix_avx2(uint8_t (*planes)[TILE], size_t n, const int32_t *stage) {
    const __m128i shift = _mm_cvtsi32_si128(stage[13]);
    const __m256i zero = _mm256_setzero_si256();
    __m256i red_green[3], blue[3], offset[3];
    for (int k = 0; k < 3; k++) {
        const int32_t *c = stage + 1 + 3 * k;
        red_green[k] = _mm256_set1_epi32((int32_t)((uint32_t)(c[0] & 0xffff) | (uint32_t)c[1] << 16));
        blue[k] = _mm256_set1_epi32(c[2] & 0xffff);
        offset[k] = _mm256_set1_epi32(stage[10 + k]);
    }
    for (size_t i = 0; i < n; i += 32) {
        const __m256i r = _mm256_loadu_si256((const __m256i *)(planes[0] + i));
        const __m256i g = _mm256_loadu_si256((const __m256i *)(planes[1] + i));
        const __m256i b = _mm256_loadu_si256((const __m256i *)(planes[2] + i));
        /* Red and green, and blue and nothing, of four pixels in each half, which packing brings back into order. */
        __m256i rg[4], b0[4];
        const __m256i low = _mm256_unpacklo_epi8(r, g), high = _mm256_unpackhi_epi8(r, g);
        const __m256i low_b = _mm256_unpacklo_epi8(b, zero), high_b = _mm256_unpackhi_epi8(b, zero);
        rg[0] = _mm256_unpacklo_epi8(low, zero), rg[1] = _mm256_unpackhi_epi8(low, zero);
        rg[2] = _mm256_unpacklo_epi8(high, zero), rg[3] = _mm256_unpackhi_epi8(high, zero);
        b0[0] = _mm256_unpacklo_epi16(low_b, zero), b0[1] = _mm256_unpackhi_epi16(low_b, zero);
        b0[2] = _mm256_unpacklo_epi16(high_b, zero), b0[3] = _mm256_unpackhi_epi16(high_b, zero);
        for (int k = 0; k < 3; k++) {
            __m256i sums[4];
            for (int j = 0; j < 4; j++) {
                sums[j] = _mm256_add_epi32(_mm256_madd_epi16(rg[j], red_green[k]), _mm256_madd_epi16(b0[j], blue[k]));
                sums[j] = _mm256_sra_epi32(_mm256_add_epi32(sums[j], offset[k]), shift);
            }
            _mm256_storeu_si256((__m256i *)(planes[k] + i), _mm256_packus_epi16(_mm256_packs_epi32(sums[0], sums[1]),
                                                                                 _mm256_packs_epi32(sums[2], sums[3])));
        }
    }
}

/* Luma as grey_plain has it; the weight of green does not fit, but its halves do. */
AVX2 static void grey_avx2(uint8_t (*planes)[TILE], size_t n) {
    const __m256i red_green = _mm256_set1_epi32(LUMA_RED | LUMA_GREEN / 2 << 16);
    const __m256i green_blue = _mm256_set1_epi32(LUMA_GREEN / 2 | LUMA_BLUE << 16);
    const __m256i half = _mm256_set1_epi32(0x8000);
    for (size_t i = 0; i < n; i += 16) {
        const __m256i r = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(planes[0] + i)));
        const __m256i g = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(planes[1] + i)));
        const __m256i b = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(planes[2] + i)));
#define LUMA(unpack)                                                                                               \
    _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(_mm256_madd_epi16(unpack(r, g), red_green),                \
                                                        _mm256_madd_epi16(unpack(g, b), green_blue)),              \
                                       half),                                                                      \
                      16)
        const __m256i luma = _mm256_packus_epi32(LUMA(_mm256_unpacklo_epi16), LUMA(_mm256_unpackhi_epi16));
#undef LUMA
        _mm_storeu_si128((__m128i *)(planes[0] + i),
                         _mm_packus_epi16(_mm256_castsi256_si128(luma), _mm256_extracti128_si256(luma, 1)));
    }
    memcpy(planes[1], planes[0], n);
    memcpy(planes[2], planes[0], n);
}

/* X - Y + (rising where Z > Y, else falling), clamped; of the two differences with saturation one is 0. */
AVX2 static inline __m256i turned_avx2(__m256i x, __m256i y, __m256i z, __m256i low, __m256i high, __m256i rising,
                                       __m256i falling) {
    const __m256i not_above = _mm256_cmpeq_epi8(_mm256_max_epu8(z, y), y);
    const __m256i target = _mm256_subs_epu8(_mm256_blendv_epi8(rising, falling, not_above), _mm256_subs_epu8(y, x));
    const __m256i sum = _mm256_adds_epu8(target, _mm256_subs_epu8(x, y));
    return _mm256_min_epu8(_mm256_max_epu8(sum, low), high);
}

AVX2 static void hue_avx2(uint8_t (*planes)[TILE], size_t n, const int32_t *stage) {
    /* The rounding multiplication is that of hue_plain. A whole step does not fit; one less gives the same. */
    const __m256i step = _mm256_set1_epi16((int16_t)(stage[7] > 0x7fff ? 0x7fff : stage[7]));
    const __m256i zero = _mm256_setzero_si256();
    for (size_t i = 0; i < n; i += 32) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(planes[stage[1]] + i));
        const __m256i y = _mm256_loadu_si256((const __m256i *)(planes[stage[2]] + i));
        const __m256i z = _mm256_loadu_si256((const __m256i *)(planes[stage[3]] + i));
        const __m256i high = _mm256_max_epu8(_mm256_max_epu8(x, y), z);
        const __m256i low = _mm256_min_epu8(_mm256_min_epu8(x, y), z);
        const __m256i spread = _mm256_sub_epi8(high, low);
        const __m256i part = _mm256_packus_epi16(_mm256_mulhrs_epi16(_mm256_unpacklo_epi8(spread, zero), step),
                                                 _mm256_mulhrs_epi16(_mm256_unpackhi_epi8(spread, zero), step));
        const __m256i rising = _mm256_add_epi8(low, part), falling = _mm256_sub_epi8(high, part);
        const __m256i first = turned_avx2(x, y, z, low, high, rising, falling);
        const __m256i second = turned_avx2(y, z, x, low, high, rising, falling);
        const __m256i third = turned_avx2(z, x, y, low, high, rising, falling);
        _mm256_storeu_si256((__m256i *)(planes[stage[4]] + i), first);
        _mm256_storeu_si256((__m256i *)(planes[stage[5]] + i), second);
        _mm256_storeu_si256((__m256i *)(planes[stage[6]] + i), third);
    }
}

/* Of 16 packed pixels, byte p of vector v is of channel (v + p) % 3, as 16 % 3 is 1: a channel's bytes lie elsewhere in
 * each of the three vectors, so they are taken together as they lie, and then put in order. */
typedef struct {
    __m256i third[3]; /* bytes whose place leaves 0, 1 and 2 */
    __m256i order[3]; /* to or from the order of pixels */
} Threes;

AVX2 static Threes threes_of(int is_split) {
    Threes threes;
    for (int k = 0; k < 3; k++) {
        uint8_t third[32], order[32];
        for (int at = 0; at < 32; at++) { /* 3 times 11 leaves 1 */
            third[at] = at % 16 % 3 == k ? 255 : 0;
            order[at] = (uint8_t)((is_split ? 3 * at + k : 11 * (at + 16 - k)) % 16);
        }
        threes.third[k] = _mm256_loadu_si256((const __m256i *)third);
        threes.order[k] = _mm256_loadu_si256((const __m256i *)order);
    }
    return threes;
}

/* Of three vectors the second's bytes at one third of the places, the third's at another, else the first's. */
#define WOVEN(v, second, third) _mm256_blendv_epi8(_mm256_blendv_epi8(v[0], v[1], second), v[2], third)

AVX2 static void split(const uint8_t *from, uint8_t (*planes)[TILE], size_t n, const Threes *threes) {
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const uint8_t *at = from + 3 * i;
        __m256i v[3];
        for (int k = 0; k < 3; k++) v[k] = BOTH(LOAD(at + 16 * k), LOAD(at + 16 * k + 48));
        for (int k = 0; k < 3; k++)
            _mm256_storeu_si256((__m256i *)(planes[k] + i),
                                _mm256_shuffle_epi8(WOVEN(v, threes->third[(k + 2) % 3], threes->third[(k + 1) % 3]),
                                                    threes->order[k]));
    }
    for (; i < n; i++)
        for (int k = 0; k < 3; k++) planes[k][i] = from[3 * i + k];
}

AVX2 static void join(uint8_t (*planes)[TILE], uint8_t *to, size_t n, const Threes *threes) {
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        uint8_t *at = to + 3 * i;
        __m256i v[3];
        for (int k = 0; k < 3; k++)
            v[k] = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(planes[k] + i)), threes->order[k]);
        for (int k = 0; k < 3; k++) {
            const __m256i woven = WOVEN(v, threes->third[(4 - k) % 3], threes->third[(5 - k) % 3]);
            _mm_storeu_si128((__m128i *)(at + 16 * k), _mm256_castsi256_si128(woven));
            _mm_storeu_si128((__m128i *)(at + 16 * k + 48), _mm256_extracti128_si256(woven, 1));
        }
    }
    for (; i < n; i++)
        for (int k = 0; k < 3; k++) to[3 * i + k] = planes[k][i];
}

AVX2 static void colour_avx2(const uint8_t *in, uint8_t *out, size_t pixels, const int32_t *program, int32_t stages,
                             const uint8_t *tables) {
    uint8_t planes[3][TILE] = {{0}}; /* behind the last pixel whole vectors are computed and left */
    const Threes splitting = threes_of(1), joining = threes_of(0);
    for (size_t start = 0; start < pixels; start += TILE) {
        const size_t n = pixels - start < TILE ? pixels - start : TILE;
        split(in + 3 * start, planes, n, &splitting);
        for (const int32_t *stage = program; stage < program + STAGE * stages; stage += STAGE) {
            if (*stage == TABLE)
                for (int k = 0; k < 3; k++) augcli_look_up(planes[k], planes[k], n, tables + stage[1 + k]);
            else if (*stage == MIX)
                mix_avx2(planes, n, stage);
            else if (*stage == GREY)
                grey_avx2(planes, n);
            else
                hue_avx2(planes, n, stage);
        }
        join(planes, out + 3 * start, n, &joining);
    }
}
