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
#define VECTORS

#define INLINE static inline __attribute__((always_inline)) /* into functions for newer processors */
#define HIGHEST(bits) (31 ^ __builtin_clz(bits))

enum { ACROSS = 32, DOWN = 16, CHROMA = 16 }; /* samples of the largest tile, and of a row of its chroma */
enum { BLOCKS = 12 };                         /* of the largest tile */
enum { MOST = 208 };                          /* bytes of a block that is coded: 64 times at most 26 bits */
enum { END = 0x00, ZEROS = 0xf0 };           /* symbols: nothing but zeros from here; sixteen of them */
enum { RARE = 63 };                           /* in place of a code, for what takes more than a look */

typedef struct {
    _Alignas(64) int16_t luma[DOWN * ACROSS], cb[8 * CHROMA], cr[8 * CHROMA];
} Tile;

/* Division of a number below 1 << 14 by d, a multiple of 8, in two products of which the upper half is kept. With b
 * such that 1 << b <= d < 2 << b, `inverse` is above (1 << (15 + b)) / d by at most one: too little to reach a whole.
 * Rows of 8 stand twice. */
typedef struct {
    _Alignas(64) uint16_t half[128], inverse[128], shift[128];
} Divisors;

/* Two blocks that lie side by side. */
typedef struct {
    _Alignas(64) int16_t numbers[8][2][8]; /* coefficients, row by row */
    int8_t coded[2][96];                   /* in the order of coding, then zeros; -128 and 127 stand for all beyond */
    uint64_t found[2];                     /* bits are set for numbers that are not 0, in that order */
} Pair;

/* Huffman codes with the bits behind them: the length of both in the lower 6 bits, the code and room above. */
typedef struct {
    uint32_t dc[12], ac[256]; /* by a number's length, and for AC by 16 times the zeros before it plus that */
    uint32_t whole[64][256];  /* with the bits, by the zeros before a number and by its byte; nothing for a 0 */
} Codes;

static Codes codes_of[2]; /* for luma and chroma, filled when the library is loaded */

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

/* The last of `bits` are not yet in memory, as many as the lower 6 bits of `held` say; what stands above does not count. */
typedef struct {
    uint64_t bits;
    uint32_t held;
    uint8_t *at;
} Bits;

INLINE void put(Bits *to, uint32_t code, uint32_t behind) {
    to->bits = to->bits << (code & 63) | code >> 6 | behind;
    to->held += code;
}

/* Write up to 63 bits that are held; fewer than 8 stay. */
INLINE void flush(Bits *to) {
    const uint64_t first = to->bits << (-to->held & 63); /* where none are held, what is written is written over */
    to->at[0] = (uint8_t)(first >> 56), to->at[1] = (uint8_t)(first >> 48);
    to->at[2] = (uint8_t)(first >> 40), to->at[3] = (uint8_t)(first >> 32);
    to->at[4] = (uint8_t)(first >> 24), to->at[5] = (uint8_t)(first >> 16);
    to->at[6] = (uint8_t)(first >> 8), to->at[7] = (uint8_t)first;
    to->at += (to->held & 63) >> 3;
    to->held &= 7;
}

/* The number of bits of a number, and what they are: those of one less where it is negative. */
INLINE int length_of(int32_t number) { return HIGHEST((uint32_t)(number < 0 ? -number : number) * 2 + 1); }
INLINE uint32_t bits_of(int32_t number, int length) {
    return (uint32_t)(number + (number >> 31)) & ((1u << length) - 1);
}

/* Put a number that is large or stands behind more than 15 zeros. */
static __attribute__((noinline, cold)) Bits put_rare(Bits to, const Codes *codes, unsigned zeros, int32_t number) {
    flush(&to);
    for (; zeros > 15; zeros -= 16) put(&to, codes->ac[ZEROS], 0);
    flush(&to);
    const int length = length_of(number);
    put(&to, codes->ac[16 * (int)zeros + length], bits_of(number, length));
    return to;
}

/* A block in its turn. */
typedef struct {
    const Pair *pair;
    int side;
    const Codes *codes;
    int32_t more; /* of the first number than in the block before */
} Coded;

/* Put blocks. At most 63 bits are held: 7 behind a flush, and of two numbers 52, or of one, of an end and of the next
 * block's first 26, 4 and 20. */
__attribute__((target("bmi,bmi2"))) static void put_blocks(const Coded *coded, int count, Bits *bits) {
    Bits to = *bits;
    for (; count--; coded++) {
        const int16_t(*const numbers)[2][8] = coded->pair->numbers;
        const int8_t *const bytes = coded->pair->coded[coded->side];
        const uint64_t found = coded->pair->found[coded->side];
        const Codes *const codes = coded->codes;
        const int length = length_of(coded->more);
        put(&to, codes->dc[length], bits_of(coded->more, length));
        flush(&to);
        uint64_t left = found;
        unsigned next = 1;
#define NUMBER                                                                               \
    {                                                                                        \
        const unsigned place = (unsigned)_tzcnt_u64(left); /* 64, a 0, where none is left */ \
        const uint32_t code = codes->whole[place - next][(uint8_t)bytes[place]];             \
        if (__builtin_expect(code == RARE, 0)) {                                             \
            const int at = ZIGZAG[place];                                                    \
            to = put_rare(to, codes, place - next, numbers[at / 8][coded->side][at % 8]);    \
        } else                                                                               \
            put(&to, code, 0);                                                               \
        next = place + 1;                                                                    \
        left &= left - 1;                                                                    \
    }
        while (left & (left - 1)) {
            NUMBER
            NUMBER
            flush(&to);
        }
        NUMBER
#undef NUMBER
        if (!(found >> 63)) put(&to, codes->ac[END], 0);
    }
    *bits = to;
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

/* Give the symbols of a table their codes: those of one length count up, and the next length goes on with a bit more. */
static void assign(const uint8_t *lengths, const uint8_t *symbols, uint32_t *codes) {
    uint32_t code = 0;
    for (uint32_t length = 1; length <= 16; length++, code <<= 1)
        for (int i = 0; i < lengths[length - 1]; i++, code++, symbols++) {
            const uint32_t behind = *symbols & 15;
            codes[*symbols] = code << behind << 6 | (length + behind);
        }
}

__attribute__((constructor)) static void fill_codes(void) {
    for (int chroma = 0; chroma < 2; chroma++) {
        Codes *codes = codes_of + chroma;
        assign(DC_LENGTHS[chroma], DC_SYMBOLS, codes->dc);
        assign(AC_LENGTHS[chroma], AC_SYMBOLS[chroma], codes->ac);
        for (int zeros = 0; zeros < 64; zeros++)
            for (int32_t number = -128; number < 128; number++) {
                const int length = length_of(number), rare = zeros > 15 || number == -128 || number == 127;
                const uint32_t code = rare ? RARE : codes->ac[16 * zeros + length] | bits_of(number, length) << 6;
                codes->whole[zeros][(uint8_t)number] = number ? code : 0;
            }
    }
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
        for (int at = i / 8 * 16 + i % 8, twice = 0; twice < 2; twice++, at += 8) {
            by->half[at] = (uint16_t)(4 * step);
            by->inverse[at] = (uint16_t)((1 << (15 + power)) / (8 * step) + 1);
            by->shift[at] = (uint16_t)(1 << (17 - power));
        }
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
        const uint8_t *last = row + (size_t)(picture->width - 1) * channels;
        for (int32_t column = columns; column < across; column++)
            for (size_t channel = 0; channel < channels; channel++) out[(size_t)column * channels + channel] = last[channel];
    }
}

/* Repeat the last row of chroma that has pixels. */
static void repeat_chroma(int rows, Tile *tile) {
    for (int row = rows; row < 8; row++) {
        memcpy(tile->cb + row * CHROMA, tile->cb + (rows - 1) * CHROMA, CHROMA * sizeof *tile->cb);
        memcpy(tile->cr + row * CHROMA, tile->cr + (rows - 1) * CHROMA, CHROMA * sizeof *tile->cr);
    }
}

/* Transform the blocks of a tile; pairs of luma come first, row by row. */
static void transform_tile(const Tile *tile, int wide, int high, int colour, const Divisors *by, Pair *pairs) {
    for (int row = 0; row < high; row++)
        for (int column = 0; column < wide; column++)
            transform(tile->luma + row * 8 * ACROSS + column * 16, ACROSS, by, pairs++);
    if (colour) {
        transform(tile->cb, CHROMA, by + 1, pairs++);
        transform(tile->cr, CHROMA, by + 1, pairs);
    }
}

static size_t encode(const Picture *picture, int wide, int high, int32_t quality, uint8_t *const start) {
    static const Pair flat;
    const int colour = picture->channels == 3, across = 16 * wide, down = 8 * high;
    const int32_t width = picture->width, height = picture->height;
    const int32_t block_columns = (width + 7) / 8, block_rows = (height + 7) / 8;
    Divisors by[2];
    uint8_t *out = write_head(start, width, height, colour ? 3 : 1, wide, high, quality, by);
    uint8_t raw[8192], edge[3 * ACROSS * DOWN];
    Bits bits = {0, 0, raw};
    Pair pairs[BLOCKS / 2];
    memset(pairs, 0, sizeof pairs);
    int32_t last[3] = {0};
    Tile tile;
    for (int32_t top = 0; top < height; top += down)
        for (int32_t left = 0; left < width; left += across) {
            const uint8_t *pixels = picture->pixels + top * picture->stride + (ptrdiff_t)left * picture->channels;
            ptrdiff_t stride = picture->stride;
            const int whole = width - left >= across && height - top >= down;
            if (!whole) {
                copy_edge(picture, left, top, across, down, edge);
                pixels = edge, stride = (ptrdiff_t)across * picture->channels;
            }
            if (colour)
                fill_tile(pixels, stride, wide, high, &tile);
            else
                grey_tile(pixels, stride, &tile);
            if (colour && !whole) repeat_chroma((smaller(height - top, down) + high - 1) / high, &tile);
            transform_tile(&tile, wide, high, colour, by, pairs);
            Coded coded[BLOCKS], *next = coded;
            for (int unit = 0; unit < 2 && left + 8 * unit * wide < width; unit++) {
                for (int row = 0; row < high; row++)
                    for (int column = unit * wide; column < (unit + 1) * wide; column++) {
                        const Pair *pair = pairs + row * wide + column / 2;
                        const int side = column & 1;
                        /* Blocks with nothing of the picture are as flat as the one before. */
                        if (left / 8 + column >= block_columns || top / 8 + row >= block_rows) {
                            *next++ = (Coded){&flat, 0, codes_of, 0};
                            continue;
                        }
                        *next++ = (Coded){pair, side, codes_of, pair->numbers[0][side][0] - last[0]};
                        last[0] = pair->numbers[0][side][0];
                    }
                for (int chroma = 1; chroma <= 2 * colour; chroma++) {
                    const Pair *pair = pairs + wide * high + chroma - 1;
                    *next++ = (Coded){pair, unit, codes_of + 1, pair->numbers[0][unit][0] - last[chroma]};
                    last[chroma] = pair->numbers[0][unit][0];
                }
            }
            put_blocks(coded, (int)(next - coded), &bits);
            if (bits.at - raw > (ptrdiff_t)sizeof raw - BLOCKS * MOST - 8) {
                out = stuffed(raw, bits.at, out);
                bits.at = raw;
            }
        }
    flush(&bits);
    put(&bits, 127 << 6 | 7, 0); /* what is left of the last byte is ones */
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
#ifdef VECTORS
    const Picture picture = {in, stride, width, height, channels};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
        return encode(&picture, wide, high, quality, out);
#endif
    (void)in, (void)stride, (void)width, (void)height, (void)channels, (void)wide, (void)high, (void)quality, (void)out;
    return 0;
}
