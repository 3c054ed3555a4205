/* Baseline JPEG files with the bytes of OpenCV's encoder, its twin, which is that of libjpeg-turbo with its accurate DCT
 * and the tables of the standard.
 *
 * A file is coded tile by tile. A tile is two units, and a unit the fewest blocks of 8x8 samples in which every
 * component has its share: with a chroma of half the width and height, four blocks of luma and one each of Cb and Cr.
 * The steps before coding are in jpeg_avx2.h. Where there are no such vectors, OpenCV's own are faster than plain C.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#define INLINE static inline __attribute__((always_inline)) /* into functions for newer processors */
#define LOWEST(bits) __builtin_ctzll(bits)
#define HIGHEST(bits) (31 ^ __builtin_clz(bits))

enum { ACROSS = 32, DOWN = 16, CHROMA = 16 }; /* samples of the largest tile, and of a row of its chroma */
enum { BLOCKS = 12 };                         /* of the largest tile */
enum { MOST = 208 };                          /* bytes of a block that is coded: 64 times at most 26 bits */

typedef struct {
    int16_t luma[DOWN * ACROSS], cb[8 * CHROMA], cr[8 * CHROMA];
} Tile;

/* Division of a number below 1 << 14 by d, a multiple of 8, in two products of which the upper half is kept. With b
 * such that 1 << b <= d < 2 << b, `inverse` is above (1 << (15 + b)) / d by at most one: too little to reach a whole. */
typedef struct {
    uint16_t half[64], inverse[64], shift[64];
} Divisors;

/* A code of Huffman's with room for the bits behind it: the length of both in the lower 8 bits, the code above. */
typedef struct {
    uint64_t dc[12], ac[16][16]; /* by the length of the number, for AC less one, and by the zeros before it */
    uint64_t zeros, end;         /* sixteen zeros; nothing but zeros from here */
} Codes;

/* Places of a block's coefficients in the order in which they are coded. */
static const uint8_t ZIGZAG[64] = {0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,
                                   12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
                                   35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
                                   58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/* The tables of the standard's annex K, for luma and for chroma. */
static const uint8_t STEPS[2][64] = {
    {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,  14, 13, 16, 24, 40,  57,
     69, 56, 14, 17, 22,  29,  51,  87,  80, 62, 18, 22, 37,  56,  68,  109, 103, 77, 24, 35, 55, 64,
     81, 104, 113, 92, 49, 64, 78,  87,  103, 121, 120, 101, 72, 92, 95, 98,  112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
     99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}};
static const uint8_t DC_LENGTHS[2][16] = {{0, 1, 5, 1, 1, 1, 1, 1, 1}, {0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}};
static const uint8_t DC_SYMBOLS[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const uint8_t AC_LENGTHS[2][16] = {{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
                                          {0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119}};
static const uint8_t AC_SYMBOLS[2][162] = {
    {0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
     0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72,
     0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36, 0x37,
     0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
     0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83,
     0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3,
     0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
     0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2,
     0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa},
    {0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
     0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1,
     0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x35, 0x36,
     0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
     0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a,
     0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a,
     0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba,
     0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda,
     0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa}};

#include "jpeg_avx2.h"

/* Fill a tile of 16 x 8 grey pixels. */
static void grey_tile(const uint8_t *grey, ptrdiff_t stride, Tile *tile) {
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 16; x++) tile->luma[y * ACROSS + x] = grey[y * stride + x];
}

/* From coefficients to bits */

/* The last `held` of `bits` are not yet in memory. */
typedef struct {
    uint64_t bits;
    int held;
    uint8_t *at;
} Bits;

INLINE void put(Bits *to, uint64_t code, uint32_t behind) {
    const int length = (int)(code & 63);
    to->bits = to->bits << length | code >> 8 | behind;
    to->held += length;
}

/* Write up to 63 bits that are held; fewer than 8 stay. */
INLINE void flush(Bits *to) {
    const uint64_t first = to->bits << (63 - to->held) << 1;
    to->at[0] = (uint8_t)(first >> 56), to->at[1] = (uint8_t)(first >> 48);
    to->at[2] = (uint8_t)(first >> 40), to->at[3] = (uint8_t)(first >> 32);
    to->at[4] = (uint8_t)(first >> 24), to->at[5] = (uint8_t)(first >> 16);
    to->at[6] = (uint8_t)(first >> 8), to->at[7] = (uint8_t)first;
    to->at += to->held >> 3;
    to->held &= 7;
}

/* Put a coefficient that is not 0, behind `run` zeros. */
INLINE void put_number(Bits *to, const Codes *codes, int run, int32_t value) {
    if (run > 15) {
        flush(to);
        for (; run > 15; run -= 16) put(to, codes->zeros, 0);
        flush(to);
    }
    const int32_t sign = value >> 31;
    const int highest = HIGHEST((uint32_t)((value ^ sign) - sign));
    put(to, codes->ac[run][highest], (uint32_t)(value + sign) & ((2u << highest) - 1));
}

/* Put a block whose first coefficient is `more` than that of the one before. At most 58 bits are held at a time. */
INLINE void put_block(Bits *to, const Codes *codes, const int16_t *block, uint64_t found, int32_t more) {
    const int32_t sign = more >> 31;
    const int length = HIGHEST((uint32_t)((more ^ sign) - sign) * 2 + 1);
    put(to, codes->dc[length], (uint32_t)(more + sign) & ((1u << length) - 1));
    flush(to);
    uint64_t left = found & ~(uint64_t)1;
    int last = 0;
    while (left & (left - 1)) {
        const int first = LOWEST(left);
        left &= left - 1;
        const int second = LOWEST(left);
        left &= left - 1;
        put_number(to, codes, first - last - 1, block[ZIGZAG[first]]);
        put_number(to, codes, second - first - 1, block[ZIGZAG[second]]);
        flush(to);
        last = second;
    }
    if (left) {
        const int only = LOWEST(left);
        put_number(to, codes, only - last - 1, block[ZIGZAG[only]]);
        last = only;
    }
    if (last < 63) put(to, codes->end, 0);
    flush(to);
}

/* Copy what is coded, with a 0 behind each 255, which else begins a marker. */
static uint8_t *stuffed(const uint8_t *raw, const uint8_t *end, uint8_t *out) {
    const uint64_t ones = 0x0101010101010101u;
    while (raw < end) {
        if (end - raw >= 8) {
            uint64_t word;
            memcpy(&word, raw, 8);
            memcpy(out, &word, 8);
            if (!((~word - ones) & word & (ones << 7))) {
                raw += 8, out += 8;
                continue;
            }
        }
        for (int i = 0; i < 8 && raw < end; i++)
            if ((*out++ = *raw++) == 255) *out++ = 0;
    }
    return out;
}

/* Tables and headers */

/* Assign the codes of one table of the standard to `put`, called with each symbol, its code and the code's length. */
static void codes_of(const uint8_t *lengths, const uint8_t *symbols, uint64_t *out) {
    uint32_t code = 0;
    for (int length = 1; length <= 16; length++, code <<= 1)
        for (int i = 0; i < lengths[length - 1]; i++, code++, symbols++) {
            const int size = *symbols & 15;
            out[*symbols] = (uint64_t)code << size << 8 | (uint64_t)(length + size);
        }
}

static void fill_codes(int chroma, Codes *codes) {
    uint64_t by_symbol[256] = {0};
    codes_of(AC_LENGTHS[chroma], AC_SYMBOLS[chroma], by_symbol);
    for (int run = 0; run < 16; run++)
        for (int size = 1; size < 16; size++) codes->ac[run][size - 1] = by_symbol[16 * run + size];
    codes->zeros = by_symbol[0xf0];
    codes->end = by_symbol[0];
    codes_of(DC_LENGTHS[chroma], DC_SYMBOLS, codes->dc);
}

/* Write a marker segment's head; `length` is that of what follows. */
static uint8_t *segment(uint8_t *out, uint8_t marker, int length) {
    const uint8_t head[4] = {0xff, marker, (uint8_t)((length + 2) >> 8), (uint8_t)(length + 2)};
    memcpy(out, head, 4);
    return out + 4;
}

/* Scale a table of steps for a quality of 1 to 100, and write it. */
static uint8_t *write_steps(uint8_t *out, int chroma, int32_t quality, Divisors *by) {
    const int32_t percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    out = segment(out, 0xdb, 65);
    *out++ = (uint8_t)chroma;
    for (int k = 0; k < 64; k++) {
        const int i = ZIGZAG[k];
        int32_t step = (STEPS[chroma][i] * percent + 50) / 100;
        step = step < 1 ? 1 : step > 255 ? 255 : step;
        const int power = HIGHEST((uint32_t)step) + 3;
        by->half[i] = (uint16_t)(4 * step);
        by->inverse[i] = (uint16_t)((1 << (15 + power)) / (8 * step) + 1);
        by->shift[i] = (uint16_t)(1 << (17 - power));
        *out++ = (uint8_t)step;
    }
    return out;
}

static uint8_t *write_codes(uint8_t *out, int number, const uint8_t *lengths, const uint8_t *symbols, int count) {
    out = segment(out, 0xc4, 17 + count);
    *out++ = (uint8_t)number;
    memcpy(out, lengths, 16);
    memcpy(out + 16, symbols, (size_t)count);
    return out + 16 + count;
}

static uint8_t *write_head(uint8_t *out, int32_t width, int32_t height, int components, int wide, int high,
                           int32_t quality, Divisors *by) {
    static const uint8_t start[] = {0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
    memcpy(out, start, sizeof start);
    out += sizeof start;
    const int tables = components == 3 ? 2 : 1;
    for (int chroma = 0; chroma < tables; chroma++) out = write_steps(out, chroma, quality, by + chroma);
    out = segment(out, 0xc0, 6 + 3 * components);
    const uint8_t size[6] = {8, (uint8_t)(height >> 8), (uint8_t)height, (uint8_t)(width >> 8), (uint8_t)width,
                             (uint8_t)components};
    memcpy(out, size, 6);
    out += 6;
    for (int i = 0; i < components; i++) {
        *out++ = (uint8_t)(i + 1);
        *out++ = (uint8_t)(i ? 0x11 : wide << 4 | high);
        *out++ = i > 0;
    }
    for (int chroma = 0; chroma < tables; chroma++) {
        out = write_codes(out, chroma, DC_LENGTHS[chroma], DC_SYMBOLS, 12);
        out = write_codes(out, 0x10 | chroma, AC_LENGTHS[chroma], AC_SYMBOLS[chroma], 162);
    }
    out = segment(out, 0xda, 4 + 2 * components);
    *out++ = (uint8_t)components;
    for (int i = 0; i < components; i++) {
        *out++ = (uint8_t)(i + 1);
        *out++ = i ? 0x11 : 0;
    }
    *out++ = 0, *out++ = 63, *out++ = 0;
    return out;
}

/* The file */

typedef struct {
    const uint8_t *pixels;
    ptrdiff_t stride; /* bytes from row to row */
    int32_t width, height, channels;
} Picture;

static int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

/* Copy what a tile at (left, top) has of a picture; its last column and row are repeated. */
static void copy_edge(const Picture *picture, int32_t left, int32_t top, int across, int down, uint8_t *out) {
    const size_t channels = (size_t)picture->channels;
    const int32_t columns = smaller(picture->width - left, across);
    for (int y = 0; y < down; y++, out += (size_t)across * channels) {
        const uint8_t *row = picture->pixels + smaller(top + y, picture->height - 1) * picture->stride;
        memcpy(out, row + (size_t)left * channels, (size_t)columns * channels);
        for (size_t at = (size_t)columns * channels; at < (size_t)across * channels; at++) out[at] = out[at - channels];
    }
}

/* Repeat the last row of chroma that has pixels. */
static void repeat_chroma(int rows, Tile *tile) {
    for (int row = rows; row < 8; row++) {
        memcpy(tile->cb + row * CHROMA, tile->cb + (rows - 1) * CHROMA, CHROMA * sizeof *tile->cb);
        memcpy(tile->cr + row * CHROMA, tile->cr + (rows - 1) * CHROMA, CHROMA * sizeof *tile->cr);
    }
}

__attribute__((target("avx2,bmi,bmi2"))) static size_t encode(const Picture *picture, int wide, int high,
                                                               int32_t quality, uint8_t *const start) {
    Divisors by[2];
    Codes codes[2];
    const int colour = picture->channels == 3, across = 16 * wide, down = 8 * high, lumas = 2 * wide * high;
    const int in_unit = colour ? wide * high + 2 : 1;
    const int32_t width = picture->width, height = picture->height;
    const int32_t block_columns = (width + 7) / 8, block_rows = (height + 7) / 8;
    const int32_t units = (block_columns + wide - 1) / wide;
    uint8_t *out = write_head(start, width, height, colour ? 3 : 1, wide, high, quality, by);
    uint8_t raw[8192], edge[3 * ACROSS * DOWN];
    Bits bits = {0, 0, raw};
    int16_t blocks[BLOCKS][64];
    uint64_t found[BLOCKS];
    int32_t last[3] = {0};
    Tile tile;
    for (int chroma = 0; chroma <= colour; chroma++) fill_codes(chroma, codes + chroma);
    for (int32_t top = 0; top < height; top += down)
        for (int32_t left = 0; left < width; left += across) {
            const uint8_t *pixels = picture->pixels + top * picture->stride + (ptrdiff_t)left * picture->channels;
            ptrdiff_t stride = picture->stride;
            const int whole = width - left >= across && height - top >= down;
            if (!whole) {
                copy_edge(picture, left, top, across, down, edge);
                pixels = edge, stride = (ptrdiff_t)across * picture->channels;
            }
            if (colour) {
                fill_tile(pixels, stride, wide, high, &tile);
                if (!whole) repeat_chroma((smaller(height - top, down) + high - 1) / high, &tile);
                transform(tile.cb, CHROMA, by + 1, blocks + lumas, found + lumas);
                transform(tile.cr, CHROMA, by + 1, blocks + lumas + 2, found + lumas + 2);
            } else
                grey_tile(pixels, stride, &tile);
            for (int pair = 0; pair < wide * high; pair++)
                transform(tile.luma + pair / wide * 8 * ACROSS + pair % wide * 16, ACROSS, by, blocks + 2 * pair,
                          found + 2 * pair);
            for (int unit = 0; unit < 2 && left / (8 * wide) + unit < units; unit++)
                for (int i = 0; i < in_unit; i++) {
                    const int component = i < wide * high ? 0 : i - wide * high + 1;
                    const int column = unit * wide + i % wide, row = i / wide;
                    const int at = component ? lumas + 2 * (component - 1) + unit : row * 2 * wide + column;
                    const Codes *table = codes + (component > 0);
                    /* Blocks of luma with nothing of the picture are as flat as the one before. */
                    if (component || (left / 8 + column < block_columns && top / 8 + row < block_rows)) {
                        put_block(&bits, table, blocks[at], found[at], blocks[at][0] - last[component]);
                        last[component] = blocks[at][0];
                    } else
                        put_block(&bits, table, blocks[at], 0, 0);
                }
            if (bits.at - raw > (ptrdiff_t)sizeof raw - BLOCKS * MOST - 8) {
                out = stuffed(raw, bits.at, out);
                bits.at = raw;
            }
        }
    put(&bits, (uint64_t)127 << 8 | 7, 0); /* what is left of the last byte is ones */
    flush(&bits);
    out = stuffed(raw, bits.at, out);
    *out++ = 0xff, *out++ = 0xd9;
    return (size_t)(out - start);
}

#endif

/* Write a whole file and return its length; 0 where that is left to OpenCV. A sample of chroma is wide x high pixels,
 * 1x1, 2x1 or 2x2; `out` has room for 1024 bytes, and 416 for each block. */
size_t augcli_encode_jpeg(const uint8_t *in, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                          int32_t wide, int32_t high, int32_t quality, uint8_t *out) {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    const Picture picture = {in, stride, width, height, channels};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
        return encode(&picture, wide, high, quality, out);
#endif
    return 0;
}
