/* The few loops that a profile asked for. Each has a twin in Python, in augcli/image/native/__init__.py, that
 * gives the same bytes: what is computed here is whole numbers, or single steps of IEEE arithmetic in the order
 * that is written (nothing is contracted, see pyproject.toml).
 *
 * plain.h has every loop in portable C, avx2.h the same with vectors; which of them runs is chosen when the
 * program does, because wheels are built for the oldest processors. Images are rows of packed bytes.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VERSION 7 /* of the functions' signatures */

/* What a program of colours is made of: 16 numbers each, the kind first. */
#define STAGE 16
enum { TABLE, MIX, HUE };
#define TILE 1024

/* Fractional bits of a position between pixels, and of the weights that follow from it. */
#define BITS 14
#define ONE (1 << BITS)

/* What noise is made with; see `scrambled` and `normal_plain`. */
#define SCRAMBLE_1 0x21f0aaadu
#define SCRAMBLE_2 0x735a2d97u
#define MIDDLE 32640 /* of what the weights make of four bytes */
static const uint8_t WEIGHTS[4] = {57, 71, 53, 75};
static const int16_t BEND[5] = {13470, 1432, 5458, -12059, 13109};

typedef struct {
    const uint8_t *pixels;
    ptrdiff_t stride; /* bytes from row to row */
    int32_t width, height, channels;
    int32_t border; /* CONSTANT... */
    uint8_t fill[3];
} Source;

enum { CONSTANT, EDGE, SYMMETRIC, REFLECT, WRAP };

#include "plain.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include "avx2.h"
#define CALL(function, ...) \
    (__builtin_cpu_supports("avx2") ? function##_avx2(__VA_ARGS__) : function##_plain(__VA_ARGS__))
#else
#define CALL(function, ...) function##_plain(__VA_ARGS__)
#endif

int32_t augcli_kernels_version(void) { return VERSION; }

void augcli_look_up(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut) {
    CALL(look_up, in, out, values, lut);
}

/* Add (normal number * factor + offset) >> shift to each value; a number serves `repeat` values in a row, 1 to 3. */
void augcli_add_noise(const uint8_t *in, uint8_t *out, size_t values, int32_t repeat, const uint32_t *key,
                      int32_t factor, int32_t offset, int32_t shift) {
    int16_t numbers[TILE], spread[3 * TILE];
    const size_t each = (size_t)repeat, count = values / each;
    for (size_t start = 0; start < count; start += TILE) {
        const size_t n = count - start < TILE ? count - start : TILE;
        CALL(normal, (uint32_t)start, n, key, numbers);
        for (size_t i = 0; each > 1 && i < n; i++)
            for (size_t k = 0; k < each; k++) spread[each * i + k] = numbers[i];
        CALL(add_noise, in + each * start, out + each * start, each * n, each > 1 ? spread : numbers, factor, offset,
             shift);
    }
}

/* `matrix` maps indices of the output to indices of the source, 9 doubles. `columns` has room for 2 * out_width
 * numbers where a place is the sum of what its column and its row say, neither beyond `position`; else it is NULL. */
void augcli_warp(const uint8_t *in, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                 const double *matrix, uint8_t *out, int32_t out_width, int32_t out_height, int32_t border,
                 const uint8_t *fill, int32_t *columns) {
    Source source = {in, stride, width, height, channels, border, {fill[0], fill[1], fill[2]}};
    double m[9];
    for (int i = 0; i < 9; i++) m[i] = i < 6 ? matrix[i] * ONE : matrix[i]; /* exact: a power of two */
    for (int32_t column = 0; columns && column < out_width; column++) {
        columns[column] = position(m[0] * column);
        columns[out_width + column] = position(m[3] * column);
    }
    CALL(warp, &source, m, columns, out, out_width, out_height);
}

/* Blur with symmetric kernels of one length, down and along; `rows` has room for 2 * radius + 1 addresses, `line` for a row and
 * `radius` pixels on each side. */
void augcli_blur(const uint8_t *in, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                 const int16_t *down, const int16_t *along, int32_t radius, const uint8_t **rows, int16_t *line,
                 uint8_t *out) {
    Source source = {in, stride, width, height, channels, REFLECT, {0}};
    CALL(blur, &source, down, along, radius, rows, line, out);
}

/* Run a program of `stages` colour stages over RGB pixels; `tables` holds the tables that it points into. */
void augcli_colour(const uint8_t *in, uint8_t *out, size_t pixels, const int32_t *program, int32_t stages,
                   const uint8_t *tables) {
    CALL(colour, in, out, pixels, program, stages, tables);
}

/* Average blocks of wide x high pixels, rounding half up; an edge's missing pixels repeat the last one. */
void augcli_average(const uint8_t *in, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                    int32_t wide, int32_t high, uint8_t *out, uint32_t *sums) {
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
