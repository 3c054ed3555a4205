/* BLAKE2b (RFC 7693), as hashlib computes it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint64_t state[8];
    uint64_t taken; /* bytes, those in `block` too */
    uint32_t filled;
    uint8_t block[128];
} Blake2b;

static const uint64_t BLAKE2B_START[8] = {0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu,
                                        0xa54ff53a5f1d36f1u, 0x510e527fade682d1u, 0x9b05688c2b3e6c1fu,
                                        0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u};

static const uint8_t BLAKE2B_ORDER[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};

static inline uint64_t blake2b_turned(uint64_t word, int right) { return word >> right | word << (64 - right); }

static inline uint64_t little_endian(const uint8_t *bytes) {
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

#define BLAKE2B_MIX(a, b, c, d, x, y)    \
    a += b + (x), d = blake2b_turned(d ^ a, 32); \
    c += d, b = blake2b_turned(b ^ c, 24);       \
    a += b + (y), d = blake2b_turned(d ^ a, 16); \
    c += d, b = blake2b_turned(b ^ c, 63)

static inline void blake2b_compress(uint64_t *state, const uint8_t *block, uint64_t taken, int is_last) {
    uint64_t v[16], m[16];
    for (int i = 0; i < 16; i++) m[i] = little_endian(block + 8 * i);
    for (int i = 0; i < 8; i++) v[i] = state[i], v[i + 8] = BLAKE2B_START[i];
    v[12] ^= taken;
    if (is_last) v[14] = ~v[14];
    for (int round = 0; round < 12; round++) {
        const uint8_t *order = BLAKE2B_ORDER[round];
        BLAKE2B_MIX(v[0], v[4], v[8], v[12], m[order[0]], m[order[1]]);
        BLAKE2B_MIX(v[1], v[5], v[9], v[13], m[order[2]], m[order[3]]);
        BLAKE2B_MIX(v[2], v[6], v[10], v[14], m[order[4]], m[order[5]]);
        BLAKE2B_MIX(v[3], v[7], v[11], v[15], m[order[6]], m[order[7]]);
        BLAKE2B_MIX(v[0], v[5], v[10], v[15], m[order[8]], m[order[9]]);
        BLAKE2B_MIX(v[1], v[6], v[11], v[12], m[order[10]], m[order[11]]);
        BLAKE2B_MIX(v[2], v[7], v[8], v[13], m[order[12]], m[order[13]]);
        BLAKE2B_MIX(v[3], v[4], v[9], v[14], m[order[14]], m[order[15]]);
    }
    for (int i = 0; i < 8; i++) state[i] ^= v[i] ^ v[i + 8];
}

static inline void blake2b_begin(Blake2b *blake, uint32_t digest, uint32_t key) {
    memcpy(blake->state, BLAKE2B_START, sizeof BLAKE2B_START);
    blake->state[0] ^= 0x01010000u ^ key << 8 ^ digest;
    blake->taken = blake->filled = 0;
}

static inline void blake2b_take(Blake2b *blake, const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    while (length) {
        if (blake->filled == 128) { /* not before there is more: the last block is another kind */
            blake2b_compress(blake->state, blake->block, blake->taken, 0);
            blake->filled = 0;
        }
        size_t room = 128 - blake->filled, part = length < room ? length : room;
        memcpy(blake->block + blake->filled, at, part);
        blake->filled += (uint32_t)part, blake->taken += part, at += part, length -= part;
    }
}

/* Leave the digest in `state`. */
static inline void blake2b_end(Blake2b *blake) {
    memset(blake->block + blake->filled, 0, 128 - blake->filled);
    blake2b_compress(blake->state, blake->block, blake->taken, 1);
}

/* Hash a message without a key to `digest_size` bytes, 1 to 64. */
static inline void blake2b_short(const uint8_t *message, size_t length, uint8_t *digest, size_t digest_size) {
    Blake2b blake;
    blake2b_begin(&blake, (uint32_t)digest_size, 0);
    blake2b_take(&blake, message, length);
    blake2b_end(&blake);
    for (size_t i = 0; i < digest_size; i++) digest[i] = (uint8_t)(blake.state[i / 8] >> (8 * (i % 8)));
}
