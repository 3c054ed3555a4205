/* The loops over pixels that a profile asked for. Each has a twin in Python, in augcli/image/native/twins.py, that
 * gives the same bytes: what is computed here is whole numbers, or single steps of IEEE arithmetic in the order
 * that is written (nothing is contracted, see pyproject.toml).
 *
 * plain.h has every loop in portable C, avx2.h and neon.h the same with vectors, avx512.h a few with longer ones. Which
 * of them runs on x86-64 is chosen when the program does, because wheels are built for the oldest processors. Images are
 * rows of packed bytes.
 */
#include <math.h>
#include <string.h>

#include "kernels.h"

#define VERSION 9 /* of the functions' signatures */

#define TILE 1024

/* What noise is made with; see `scrambled` and `normal_plain`. */
#define SCRAMBLE_1 0x21f0aaadu
#define SCRAMBLE_2 0x735a2d97u
#define MIDDLE 32640 /* of what the weights make of four bytes */
static const uint8_t WEIGHTS[4] = {57, 71, 53, 75};
static const int16_t BEND[5] = {13470, 1432, 5458, -12059, 13109};

#include "plain.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include "avx512.h"
#include "avx2.h"
#define CALL(function, ...) \
    (__builtin_cpu_supports("avx2") ? function##_avx2(__VA_ARGS__) : function##_plain(__VA_ARGS__))
#define CALL_WIDEST(function, ...) (has_avx512() ? function##_avx512(__VA_ARGS__) : CALL(function, __VA_ARGS__))
#elif defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))
#include "neon.h"
#define CALL(function, ...) (1 ? function##_neon(__VA_ARGS__) : function##_plain(__VA_ARGS__)) /* neither is unused */
#else
#define CALL(function, ...) function##_plain(__VA_ARGS__)
#endif
#ifndef CALL_WIDEST
#define CALL_WIDEST CALL
#endif

int32_t augcli_kernels_version(void) { return VERSION; }

void augcli_look_up(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut) {
    CALL_WIDEST(look_up, in, out, values, lut);
}

/* Add (normal number * factor + offset) >> shift to each value; a number serves `repeat` values in a row, 1 to 3. */
void augcli_add_noise(const uint8_t *in, uint8_t *out, size_t values, int32_t repeat, const uint32_t *key,
                      int32_t factor, int32_t offset, int32_t shift) {
    int16_t numbers[TILE], spread[3 * TILE];
    const size_t each = (size_t)repeat, count = values / each;
    for (size_t start = 0; start < count; start += TILE) {
        const size_t n = count - start < TILE ? count - start : TILE;
        CALL_WIDEST(normal, (uint32_t)start, n, key, numbers);
        for (size_t i = 0; each == 2 && i < n; i++) spread[2 * i] = spread[2 * i + 1] = numbers[i];
        for (size_t i = 0; each == 3 && i < n; i++)
            spread[3 * i] = spread[3 * i + 1] = spread[3 * i + 2] = numbers[i];
        CALL_WIDEST(add_noise, in + each * start, out + each * start, each * n, each > 1 ? spread : numbers, factor,
                    offset, shift);
    }
}

int32_t augcli_reach(int32_t at, int32_t length, int32_t border) { return reach(at, length, border); }

/* `columns` has room for 2 * width numbers where a place is the sum of what its column and its row say, neither beyond
 * `position`; else it is NULL. */
Motion augcli_motion(Matrix matrix, int32_t width, int32_t *columns) {
    Motion motion = {{matrix.a * ONE, matrix.b * ONE, matrix.c * ONE, /* exact: a power of two */
                      matrix.d * ONE, matrix.e * ONE, matrix.f * ONE, matrix.g, matrix.h, matrix.i},
                     columns, width};
    const double *m = motion.matrix;
    for (int32_t column = 0; columns && column < width; column++) {
        columns[column] = position(m[0] * column);
        columns[width + column] = position(m[3] * column);
    }
    return motion;
}

/* Rows from `start` to `end` of what a warp makes; `out` is where the first of them goes. */
void augcli_warp_rows(const Source *source, const Motion *motion, int32_t start, int32_t end, uint8_t *out) {
    CALL(warp, source, motion, start, end, out);
}

/* `matrix` maps indices of the output to indices of the source. For `columns` see `augcli_motion`. */
void augcli_warp(const uint8_t *in, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                 const Matrix *matrix, uint8_t *out, int32_t out_width, int32_t out_height, int32_t border,
                 const uint8_t *fill, int32_t *columns) {
    const Source source = {in, stride, width, height, channels, border, {fill[0], fill[1], fill[2]}};
    const Motion motion = augcli_motion(*matrix, out_width, columns);
    augcli_warp_rows(&source, &motion, 0, out_height, out);
}

/* Blur with symmetric kernels of one length, down `rows` (2 * radius + 1 of them), then along; `line` has room for a row
 * and `radius` pixels on each side. */
void augcli_blur_row(const uint8_t **rows, int32_t width, int32_t channels, const int16_t *down, const int16_t *along,
                     int32_t radius, int16_t *line, uint8_t *out) {
    CALL(blur_row, rows, width, channels, down, along, radius, line, out);
}

/* Blur an image; `rows` has room for 2 * radius + 1 addresses, `line` as above. */
void augcli_blur(const uint8_t *in, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                 const int16_t *down, const int16_t *along, int32_t radius, const uint8_t **rows, int16_t *line,
                 uint8_t *out) {
    for (int32_t y = 0; y < height; y++, out += (ptrdiff_t)width * channels) {
        for (int32_t k = -radius; k <= radius; k++) rows[radius + k] = in + reach(y + k, height, REFLECT) * stride;
        augcli_blur_row(rows, width, channels, down, along, radius, line, out);
    }
}

/* The average of each two pixels of two rows, rounding half up; an odd last one stands for two. */
void augcli_halve_row(const uint8_t *above, const uint8_t *below, int32_t width, int32_t channels, uint8_t *out) {
    CALL(halve_row, above, below, width, channels, out);
}

static void average_rows(const uint8_t *above, const uint8_t *below, size_t values, uint8_t *out) {
    CALL(average_rows, above, below, values, out);
}

/* Add the values of each channel to `sums`, 1 or 3. */
void augcli_add_up(const uint8_t *in, size_t pixels, int32_t channels, uint64_t *sums) {
    CALL(add_up, in, pixels, channels, sums);
}

/* Run a program of `stages` colour stages over RGB pixels; `tables` holds the tables that it points into. */
void augcli_colour(const uint8_t *in, uint8_t *out, size_t pixels, const int32_t *program, int32_t stages,
                   const uint8_t *tables) {
    CALL(colour, in, out, pixels, program, stages, tables);
}

/* Average blocks of wide x high pixels, rounding half up; an edge's missing pixels repeat the last one. */
void augcli_average(const uint8_t *in, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                    int32_t wide, int32_t high, uint8_t *out, uint32_t *sums) {
    if (wide == 2 && high <= 2) { /* a row and itself are averaged to what its pairs are */
        for (int32_t y = 0; y < height; y += high, out += (ptrdiff_t)((width + 1) / 2) * channels)
            augcli_halve_row(in + y * stride, in + (y + high - 1 < height ? y + high - 1 : y) * stride, width, channels,
                             out);
        return;
    }
    if (wide == 1 && high == 2) {
        const ptrdiff_t line = (ptrdiff_t)width * channels;
        for (int32_t y = 0; y < height; y += 2, out += line)
            average_rows(in + y * stride, in + (y + 1 < height ? y + 1 : y) * stride, (size_t)line, out);
        return;
    }
    const uint32_t area = (uint32_t)(wide * high);
    const int32_t columns = (width + wide - 1) / wide, rows = (height + high - 1) / high;
    const uint64_t part = (((uint64_t)1 << 32) + area - 1) / area; /* exact for so many levels up to 4096 pixels */
    const size_t values = (size_t)width * (size_t)channels;
    for (int32_t row = 0; row < rows; row++) {
        memset(sums, 0, values * sizeof *sums);
        for (int32_t i = 0; i < high; i++) {
            int32_t y = row * high + i < height ? row * high + i : height - 1;
            const uint8_t *line = in + y * stride;
            for (size_t at = 0; at < values; at++) sums[at] += line[at];
        }
        for (int32_t column = 0; column < columns; column++)
            for (int32_t channel = 0; channel < channels; channel++) {
                uint32_t sum = area / 2;
                for (int32_t i = 0; i < wide; i++) {
                    int32_t x = column * wide + i < width ? column * wide + i : width - 1;
                    sum += sums[x * channels + channel];
                }
                *out++ = (uint8_t)(area < 4096 ? (sum * part) >> 32 : sum / area);
            }
    }
}
