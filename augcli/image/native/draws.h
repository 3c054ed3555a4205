/* Keyed randomness, as augcli/random_streams.py has it, number for number.
 *
 * Where a number is beyond what `rounded` takes, `failed` is set, and what is drawn means nothing.
 */
#include "blake2b.h"
#include "decimals.h"
#include "matrices.h"

/* Put a part of a key before what follows, and its length before it. */
static void take_part(Blake2b *blake, const void *bytes, uint32_t length) {
    const uint8_t head[4] = {(uint8_t)length, (uint8_t)(length >> 8), (uint8_t)(length >> 16), (uint8_t)(length >> 24)};
    blake2b_take(blake, head, 4);
    blake2b_take(blake, bytes, length);
}

/* One step of one copy of one source. Its key is made when the first number is drawn: many steps draw none. */
typedef struct {
    const Blake2b *copy;
    const uint8_t *step;
    uint32_t step_length;
    int left;       /* words that are not drawn yet; -1 before there is a key */
    uint64_t block; /* how many blocks of words were made */
    uint64_t keyed[8], words[8];
    int failed;
} Stream;

static void stream_begin(Stream *stream, const Blake2b *copy, const uint8_t *step, uint32_t step_length) {
    stream->copy = copy, stream->step = step, stream->step_length = step_length;
    stream->left = -1, stream->block = 0, stream->failed = 0;
}

static void put_words(uint8_t *bytes, const uint64_t *words, int count) {
    for (int i = 0; i < 8 * count; i++) bytes[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
}

static double draw(Stream *stream) {
    uint8_t block[128] = {0};
    if (stream->left < 0) {
        Blake2b key = *stream->copy, keyed;
        blake2b_take(&key, stream->step, stream->step_length);
        blake2b_end(&key);
        put_words(block, key.state, 4);
        blake2b_begin(&keyed, 64, 32);
        blake2b_compress(keyed.state, block, 128, 0);
        memcpy(stream->keyed, keyed.state, sizeof stream->keyed);
        memset(block, 0, 32);
        stream->left = 0;
    }
    if (!stream->left) {
        put_words(block, &stream->block, 1);
        stream->block++;
        memcpy(stream->words, stream->keyed, sizeof stream->words);
        blake2b_compress(stream->words, block, 136, 1);
        stream->left = 8;
    }
    return (double)(stream->words[8 - stream->left--] >> 11) * 0x1p-53;
}

static int happens(Stream *stream, double p) { return p >= 1 || (p > 0 && draw(stream) < p); }

static double in_6_digits(Stream *stream, double value) {
    double digits = 0;
    if (!rounded(value, &digits)) stream->failed = 1;
    return digits;
}

static double clamped(double value, const double *range) { /* the order tells 0 from -0 */
    double least = range[0] > value ? range[0] : value;
    return range[1] < least ? range[1] : least;
}

static double uniform(Stream *stream, const double *range) {
    if (range[0] == range[1]) return range[0];
    return clamped(in_6_digits(stream, range[0] + (range[1] - range[0]) * draw(stream)), range);
}

static double log_uniform(Stream *stream, const double *range) {
    if (range[0] == range[1]) return range[0];
    double low = log(range[0]);
    return clamped(in_6_digits(stream, exp(low + (log(range[1]) - low) * draw(stream))), range);
}

static int64_t integer(Stream *stream, int64_t low, int64_t high) {
    return low == high ? low : low + (int64_t)(draw(stream) * (double)(high - low + 1));
}

static int64_t seed(Stream *stream) { return (int64_t)(draw(stream) * 0x1p48); }

static int index_of(Stream *stream, const double *weights, int count) {
    double at = draw(stream), total = 0;
    int last = 0;
    for (int i = 0; i < count; i++) total += weights[i];
    at *= total;
    for (int i = 0; i < count; i++) {
        at -= weights[i];
        if (at < 0) return i;
        if (weights[i] > 0) last = i;
    }
    return last;
}

static void order(Stream *stream, int *items, int count) {
    for (int i = 0; i < count; i++) items[i] = i;
    for (int last = count - 1; last > 0; last--) {
        int other = (int)integer(stream, 0, last), item = items[last];
        items[last] = items[other], items[other] = item;
    }
}

static double normal_number(Stream *stream) {
    double radius = sqrt(-2.0 * log(1.0 - draw(stream)));
    return radius * cos(2.0 * PI * draw(stream));
}
