/* The pixels of PNG files: rows that are filtered and deflated, and filters undone. The twin in Python is png_twins.py.
 *
 * Deflated means: a byte that comes again and again is a run, all else is as it is, and each band of rows has a
 * Huffman code of its own. Nothing else is looked for, which suits filtered photos: most of what a search for longer
 * matches finds there is not worth its time. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BAND 65536  /* bytes of rows that have a code of their own, or one row */
#define RUN 5       /* equal bytes that are a run, at least */
#define LONGEST 258 /* bytes of a match */
#define BITS 12     /* of a code word, at most; the format allows 15 */
#define SYMBOLS 286 /* 256 bytes, the end, 29 classes of lengths */
#define END 256
#define NOTHING END /* a token that is not written */
#define LENGTHS 19 /* symbols of the code in which the lengths of code words are told */
enum { NONE, SUB, UP, AVERAGE, PAETH, FILTERS };

/* Bits */

typedef struct {
    uint8_t *at;
    uint64_t bits;
    int32_t count;
} Writer;

/* Write whole bytes, up to seven of them, and some behind them that mean nothing yet. */
static inline void flush(Writer *to) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to->at, &to->bits, 8);
#else
    for (int32_t i = 0; i < 8; i++) to->at[i] = (uint8_t)(to->bits >> 8 * i);
#endif
    to->at += to->count >> 3;
    to->bits >>= to->count & ~7;
    to->count &= 7;
}

static inline void put(Writer *to, uint32_t value, int32_t count) {
    to->bits |= (uint64_t)value << to->count;
    to->count += count;
    flush(to);
}

/* Codes */

/* Give each of `n` symbols the length of its code word, of `most` bits at most; 0 where it does not occur. */
static void find_lengths(const uint32_t *counts, int32_t n, int32_t most, uint8_t *lengths) {
    uint64_t keys[2][SYMBOLS];
    uint32_t leaves[SYMBOLS + 1], nodes[SYMBOLS];
    uint16_t parents[SYMBOLS], depths[SYMBOLS];
    int32_t used = 0, of_length[64] = {0}, of_depth[64] = {0};
    uint32_t all = 0;
    for (int32_t i = 0; i < n; i++) {
        keys[0][used] = (uint64_t)counts[i] << 9 | (uint64_t)i;
        used += counts[i] != 0, all |= counts[i];
        lengths[i] = 0;
    }
    const uint64_t *sorted = keys[0]; /* by count, then by symbol */
    for (int32_t shift = 9; all; shift += 8, all >>= 8) {
        const uint64_t *from = sorted;
        uint64_t *to = from == keys[0] ? keys[1] : keys[0];
        uint32_t places[257] = {0};
        for (int32_t i = 0; i < used; i++) places[((from[i] >> shift) & 255) + 1]++;
        for (int32_t i = 0; i < 256; i++) places[i + 1] += places[i];
        for (int32_t i = 0; i < used; i++) to[places[(from[i] >> shift) & 255]++] = from[i];
        sorted = to;
    }
    /* Huffman: the two lightest of leaves and nodes become one, again and again; both queues are in order. */
    for (int32_t i = 0; i < used; i++) leaves[i] = (uint32_t)(sorted[i] >> 9);
    leaves[used] = UINT32_MAX;
    memset(nodes, 255, sizeof nodes); /* not made yet */
    for (int32_t made = 0, leaf = 0, node = 0; made < used - 1; made++) {
        uint32_t weight = 0;
        for (int32_t i = 0; i < 2; i++) {
            const int32_t is_leaf = leaves[leaf] <= nodes[node];
            weight += is_leaf ? leaves[leaf] : nodes[node];
            parents[node] = (uint16_t)made; /* until the node is taken */
            leaf += is_leaf, node += !is_leaf;
        }
        nodes[made] = weight;
    }
    for (int32_t i = used - 2; i >= 0; i--) {
        depths[i] = i == used - 2 ? 0 : depths[parents[i]] + 1;
        of_depth[depths[i]]++;
    }
    for (int32_t depth = 1; depth < 64; depth++) /* of two below each node some are nodes */
        of_length[depth < most ? depth : most] += 2 * of_depth[depth - 1] - of_depth[depth];
    /* Words that were cut to `most` are too many: one of them goes below a shorter word, until all have room. */
    uint32_t room = 0;
    for (int32_t i = 1; i <= most; i++) room += (uint32_t)of_length[i] << (most - i);
    for (; room > 1u << most; room--) {
        int32_t shorter = most - 1;
        while (!of_length[shorter]) shorter--;
        of_length[most]--;
        of_length[shorter]--;
        of_length[shorter + 1] += 2;
    }
    for (int32_t length = 1, i = used; length <= most; length++)
        for (int32_t k = 0; k < of_length[length]; k++) lengths[sorted[--i] & 511] = (uint8_t)length;
}

/* Turn lengths into code words, with their first bit lowest. */
static void find_words(const uint8_t *lengths, int32_t n, uint16_t *words) {
    uint32_t next[16] = {0}, of_length[16] = {0};
    for (int32_t i = 0; i < n; i++) of_length[lengths[i]]++;
    of_length[0] = 0;
    for (int32_t i = 1; i < 16; i++) next[i] = (next[i - 1] + of_length[i - 1]) << 1;
    for (int32_t i = 0; i < n; i++) {
        uint32_t word = next[lengths[i]]++;
        word = (word & 0x5555) << 1 | (word >> 1 & 0x5555);
        word = (word & 0x3333) << 2 | (word >> 2 & 0x3333);
        word = (word & 0x0f0f) << 4 | (word >> 4 & 0x0f0f);
        words[i] = (uint16_t)((word << 8 | word >> 8) & 0xffff) >> (16 - lengths[i]);
    }
}

/* What the length of a match is told by: a symbol, and bits behind it. */
static void find_class(int32_t length, int32_t *symbol, int32_t *extra, int32_t *base) {
    int32_t rest = length - 3, bits = 0;
    if (length == LONGEST) {
        *symbol = 285, *extra = 0, *base = LONGEST;
        return;
    }
    while (rest >> (bits + 3)) bits++;
    *symbol = 257 + 4 * bits + (rest >> bits);
    *extra = bits;
    *base = 3 + (rest >> bits << bits);
}

/* Write the code words' lengths: those of the `n` symbols, and of the only distance, which is 1. */
static void put_code(Writer *to, const uint8_t *lengths, int32_t n) {
    static const uint8_t order[LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint8_t all[SYMBOLS + 1], kinds[SYMBOLS + 1], more[SYMBOLS + 1], own[LENGTHS];
    uint32_t counts[LENGTHS] = {0};
    uint16_t words[LENGTHS];
    int32_t told = 0, last = LENGTHS;
    memcpy(all, lengths, (size_t)n);
    all[n] = 1;
    for (int32_t i = 0; i < n + 1;) {
        int32_t same = 1, most = all[i] ? 7 : 138;
        while (i + same < n + 1 && same < most && all[i + same] == all[i]) same++;
        if (!all[i] && same >= 3) {
            kinds[told] = same < 11 ? 17 : 18;
            more[told++] = (uint8_t)(same - (same < 11 ? 3 : 11));
        } else {
            kinds[told] = all[i];
            more[told++] = 0;
            if (all[i] && same >= 4) {
                kinds[told] = 16;
                more[told++] = (uint8_t)(same - 4);
            } else {
                same = 1;
            }
        }
        i += same;
    }
    for (int32_t i = 0; i < told; i++) counts[kinds[i]]++;
    find_lengths(counts, LENGTHS, 7, own);
    find_words(own, LENGTHS, words);
    while (!own[order[last - 1]]) last--;
    put(to, (uint32_t)(n - 257), 5);
    put(to, 0, 5);
    put(to, (uint32_t)(last - 4), 4);
    for (int32_t i = 0; i < last; i++) put(to, own[order[i]], 3);
    for (int32_t i = 0; i < told; i++) {
        put(to, words[kinds[i]], own[kinds[i]]);
        if (kinds[i] >= 16) put(to, more[i], kinds[i] == 16 ? 2 : kinds[i] == 17 ? 3 : 7);
    }
}

/* Tell whether a run begins at any of the first five of nine bytes. */
static inline int32_t any_run(const uint8_t *bytes) {
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    uint64_t here, next;
    memcpy(&here, bytes, 8);
    memcpy(&next, bytes + 1, 8);
    here ^= next;
    const uint64_t equal = ~(((here & low) + low) | here | low); /* the highest bit of each byte that the next equals */
    const uint64_t pairs = equal & equal >> 8;
    return (pairs & pairs >> 16) != 0;
}

/* Deflate bytes as one block; `tokens` has room for two more. */
static void put_block(Writer *to, const uint8_t *bytes, size_t n, int32_t is_last, uint16_t *tokens) {
    uint32_t of_token[END + LONGEST + 1] = {0}, others[END] = {0}; /* two, as equal bytes in turn would wait */
    uint32_t counts[SYMBOLS] = {0}, written[END + LONGEST + 1] = {0}; /* bits, and how many */
    uint8_t lengths[SYMBOLS];
    uint16_t words[SYMBOLS];
    size_t made = 0;
    for (size_t i = 0; i < n;) { /* a byte is a token, and so is END + the length of a match */
        while (n - i >= 9 && !any_run(bytes + i)) {
            for (size_t k = 0; k < 4; k += 2) {
                tokens[made++] = bytes[i + k], of_token[bytes[i + k]]++;
                tokens[made++] = bytes[i + k + 1], others[bytes[i + k + 1]]++;
            }
            tokens[made++] = bytes[i + 4], of_token[bytes[i + 4]]++;
            i += 5;
        }
        if (i == n) break;
        const uint8_t value = bytes[i++];
        size_t left = 0;
        while (i + left < n && bytes[i + left] == value) left++;
        tokens[made++] = value, of_token[value]++;
        if (left < RUN - 1) continue;
        i += left;
        while (left >= 3) {
            const size_t length = left < LONGEST ? left : LONGEST;
            tokens[made++] = (uint16_t)(END + length), of_token[END + length]++;
            left -= length;
        }
        for (; left; left--) tokens[made++] = value, of_token[value]++;
    }
    for (int32_t value = 0; value < END; value++) of_token[value] += others[value];
    memcpy(counts, of_token, END * sizeof *counts);
    counts[END] = 1;
    for (int32_t length = 3; length <= LONGEST; length++) {
        int32_t symbol, extra, base;
        if (!of_token[END + length]) continue;
        find_class(length, &symbol, &extra, &base);
        counts[symbol] += of_token[END + length];
    }
    find_lengths(counts, SYMBOLS, BITS, lengths);
    find_words(lengths, SYMBOLS, words);
    int32_t symbols = SYMBOLS;
    while (!lengths[symbols - 1]) symbols--;
    put(to, (uint32_t)(is_last | 2 << 1), 3);
    put_code(to, lengths, symbols);
    for (int32_t value = 0; value < END; value++) written[value] = (uint32_t)words[value] << 8 | lengths[value];
    for (int32_t length = 3; length <= LONGEST; length++) {
        int32_t symbol, extra, base;
        if (!of_token[END + length]) continue;
        find_class(length, &symbol, &extra, &base); /* and one bit, 0, for the distance */
        const uint32_t bits = words[symbol] | (uint32_t)(length - base) << lengths[symbol];
        written[END + length] = bits << 8 | (uint32_t)(lengths[symbol] + extra + 1);
    }
    Writer now = *to; /* which stays in registers */
    while (made % 3) tokens[made++] = NOTHING;
    for (size_t i = 0; i < made; i += 3) { /* 18 bits each, at most, and 7 from before */
        for (size_t k = i; k < i + 3; k++) {
            const uint32_t next = written[tokens[k]];
            now.bits |= (uint64_t)(next >> 8) << now.count;
            now.count += (int32_t)(next & 255);
        }
        flush(&now);
    }
    *to = now;
    put(to, words[END], lengths[END]);
}

/* Filters */

static inline uint8_t paeth(int32_t left, int32_t above, int32_t corner) {
    const int16_t by_left = (int16_t)(above - corner), by_above = (int16_t)(left - corner);
    const int16_t by_corner = (int16_t)(by_left + by_above);
    const int16_t a = by_left < 0 ? (int16_t)-by_left : by_left, b = by_above < 0 ? (int16_t)-by_above : by_above;
    const int16_t c = by_corner < 0 ? (int16_t)-by_corner : by_corner;
    const uint8_t other = (uint8_t)(b <= c ? above : corner);
    return a <= b && a <= c ? (uint8_t)left : other;
}

#define EACH(value) \
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(line[i] - (value));

/* Filter a row. Before it and the one above are the bytes of a pixel that is 0. */
static void filter(int32_t way, const uint8_t *line, const uint8_t *above, size_t n, size_t pixel,
                   uint8_t *restrict out) {
    const uint8_t *left = line - pixel, *corner = above - pixel;
    switch (way) {
    case NONE: EACH(0) break;
    case SUB: EACH(left[i]) break;
    case UP: EACH(above[i]) break;
    case AVERAGE: EACH((left[i] + above[i]) >> 1) break;
    default: EACH(paeth(left[i], above[i], corner[i]))
    }
}

/* Return the sum of bytes' distances from 0, to either side. */
static uint32_t size_of(const uint8_t *bytes, size_t n) {
    uint32_t sum = 0;
    size_t i = 0;
#ifdef __SSE2__
    __m128i sums = _mm_setzero_si128();
    for (; n - i >= 16; i += 16) {
        const __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        const __m128i size = _mm_min_epu8(here, _mm_sub_epi8(_mm_setzero_si128(), here));
        sums = _mm_add_epi32(sums, _mm_sad_epu8(size, _mm_setzero_si128()));
    }
    sum = (uint32_t)_mm_cvtsi128_si32(sums) + (uint32_t)_mm_cvtsi128_si32(_mm_srli_si128(sums, 8));
#endif
    for (; i < n; i++) {
        const uint8_t value = bytes[i], other = (uint8_t)(0 - value);
        sum += value < other ? value : other;
    }
    return sum;
}

#ifdef __SSE2__
static inline uint32_t total(__m128i numbers) {
    numbers = _mm_add_epi32(numbers, _mm_srli_si128(numbers, 8));
    return (uint32_t)_mm_cvtsi128_si32(_mm_add_epi32(numbers, _mm_srli_si128(numbers, 4)));
}
#endif

static uint32_t adler(uint32_t sum, const uint8_t *bytes, size_t n) {
    uint32_t one = sum & 0xffff, two = sum >> 16;
    while (n) {
        const size_t part = n < 4096 ? n : 4096; /* as many as cannot overflow */
        size_t i = 0;
#ifdef __SSE2__
        const __m128i zero = _mm_setzero_si128();
        const __m128i first = _mm_set_epi16(9, 10, 11, 12, 13, 14, 15, 16);
        const __m128i second = _mm_set_epi16(1, 2, 3, 4, 5, 6, 7, 8);
        __m128i sums = zero, before = zero, weighted = zero;
        for (; part - i >= 16; i += 16) {
            const __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
            before = _mm_add_epi32(before, sums);
            sums = _mm_add_epi32(sums, _mm_sad_epu8(here, zero));
            weighted = _mm_add_epi32(weighted, _mm_madd_epi16(_mm_unpacklo_epi8(here, zero), first));
            weighted = _mm_add_epi32(weighted, _mm_madd_epi16(_mm_unpackhi_epi8(here, zero), second));
        }
        two = (two + one * (uint32_t)i + 16 * total(before) + total(weighted)) % 65521;
        one += total(sums);
#endif
        for (; i < part; i++) one += bytes[i], two += one;
        one %= 65521, two %= 65521;
        bytes += part, n -= part;
    }
    return two << 16 | one;
}

/* Pack rows of `row` bytes, of pixels of `pixel` bytes, as a zlib stream and return its length, 0 where memory is
 * missing. `out` has room for 12 bits for each byte of rows and their filters, and for 512 bytes for each band and the
 * last. */
size_t augcli_pack_png(const uint8_t *pixels, int32_t row, int32_t height, int32_t pixel, uint8_t *out) {
    const size_t n = (size_t)row, each = (size_t)pixel, rows = (size_t)height;
    const size_t most = (n + 1) < BAND ? BAND / (n + 1) : 1, high = most < rows ? most : rows;
    uint8_t *work = malloc(3 * high * (n + 1) + 4 + 3 * n + 2 * each);
    if (!work) return 0;
    uint16_t *tokens = (uint16_t *)(void *)work;
    uint8_t *band = work + 2 * (high * (n + 1) + 2), *tried = band + high * (n + 1);
    uint8_t *above = tried + n + each, *line = above + n + each;
    uint32_t check = 1;
    Writer to = {out, 0, 0};
    put(&to, 0x0178, 16);
    memset(above - each, 0, 2 * (n + each));
    for (size_t top = 0; top < rows; top += high) {
        const size_t here = rows - top < high ? rows - top : high;
        uint8_t *at = band;
        for (size_t i = 0; i < here; i++) {
            memcpy(line, pixels + (top + i) * n, n);
            uint32_t least = UINT32_MAX;
            for (int32_t way = 0; way < FILTERS; way++) { /* the first of those whose bytes are smallest */
                filter(way, line, above, n, each, tried);
                const uint32_t size = size_of(tried, n);
                if (size >= least) continue;
                least = size, *at = (uint8_t)way;
                memcpy(at + 1, tried, n);
            }
            at += n + 1;
            uint8_t *other = above;
            above = line, line = other;
        }
        check = adler(check, band, here * (n + 1));
        put_block(&to, band, here * (n + 1), top + here == rows, tokens);
    }
    put(&to, 0, -to.count & 7);
    for (int32_t shift = 24; shift >= 0; shift -= 8) put(&to, check >> shift & 255, 8);
    free(work);
    return (size_t)(to.at - out);
}

/* As `paeth`, without a branch. */
static inline int32_t paeth_in_turn(int32_t left, int32_t above, int32_t corner) {
    int32_t a = above - corner, b = left - corner, c = a + b;
    a = (a ^ a >> 31) - (a >> 31), b = (b ^ b >> 31) - (b >> 31), c = (c ^ c >> 31) - (c >> 31);
    const int32_t by_corner = (c - b) >> 31, by_other = ((b - a) >> 31) | ((c - a) >> 31); /* -1 or 0 */
    const int32_t other = above ^ ((above ^ corner) & by_corner);
    return left ^ ((left ^ other) & by_other);
}

/* Go through a row pixel by pixel, and channel by channel; what is outside the image is 0. */
#define UNDO(guess)                                                                          \
    for (int32_t x = 0; x < row; x += pixel)                                                 \
        for (int32_t k = 0; k < pixel; k++) {                                                \
            const int32_t up = above ? above[x + k] : 0;                                     \
            left[k] = (uint8_t)(in[x + k] + (guess));                                        \
            corner[k] = up;                                                                  \
            out[x + k] = (uint8_t)left[k];                                                   \
        }

static inline int32_t unpack(const uint8_t *in, int32_t row, int32_t height, const int32_t pixel, uint8_t *out) {
    const uint8_t *above = NULL;
    for (int32_t y = 0; y < height; y++, in += row, above = out, out += row) {
        int32_t left[4] = {0}, corner[4] = {0};
        const uint8_t way = *in++;
        if (way >= FILTERS) return 0;
        if (way == NONE || (way == UP && !above)) {
            memcpy(out, in, (size_t)row);
        } else if (way == UP) {
            for (int32_t x = 0; x < row; x++) out[x] = (uint8_t)(in[x] + above[x]);
        } else if (way == AVERAGE) {
            UNDO((left[k] + up) >> 1)
        } else if (way == PAETH && above) {
            UNDO(paeth_in_turn(left[k], up, corner[k]))
        } else {
            UNDO(left[k])
        }
    }
    return 1;
}

/* Undo the filters of `height` rows of `row` bytes; before each is the number of its filter. Return 0 where there is
 * an unknown one. */
int32_t augcli_unpack_png(const uint8_t *in, int32_t row, int32_t height, int32_t pixel, uint8_t *out) {
    switch (pixel) {
    case 1: return unpack(in, row, height, 1, out);
    case 2: return unpack(in, row, height, 2, out);
    case 3: return unpack(in, row, height, 3, out);
    default: return unpack(in, row, height, 4, out);
    }
}
