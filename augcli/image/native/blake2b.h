/* BLAKE2b (RFC 7693) of short messages without a key, as hashlib computes it. */
#include <stdint.h>
#include <string.h>

static inline uint64_t blake2b_turned(uint64_t x, int by) { return x >> by | x << (64 - by); }

/* Hash at most 128 bytes to `digest_size` bytes, 1 to 64. */
static void blake2b_short(const uint8_t *message, size_t length, uint8_t *digest, size_t digest_size) {
    static const uint64_t START[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                      0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    static const uint8_t ORDER[10][16] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
        {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
        {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
        {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
        {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};
    uint64_t words[16] = {0}, h[8], v[16];
    for (size_t i = 0; i < length; i++) words[i / 8] |= (uint64_t)message[i] << 8 * (i % 8);
    memcpy(h, START, sizeof h);
    h[0] ^= 0x01010000 ^ digest_size;
    memcpy(v, h, sizeof h);
    memcpy(v + 8, START, sizeof START);
    v[12] ^= length;
    v[14] = ~v[14]; /* the last block */
    for (int round = 0; round < 12; round++) {
        const uint8_t *order = ORDER[round % 10];
        for (int i = 0; i < 8; i++) {
            const int a = i % 4, shift = i / 4; /* four columns, then four diagonals */
            const int b = 4 + (a + shift) % 4, c = 8 + (a + 2 * shift) % 4, d = 12 + (a + 3 * shift) % 4;
            v[a] += v[b] + words[order[2 * i]], v[d] = blake2b_turned(v[d] ^ v[a], 32);
            v[c] += v[d], v[b] = blake2b_turned(v[b] ^ v[c], 24);
            v[a] += v[b] + words[order[2 * i + 1]], v[d] = blake2b_turned(v[d] ^ v[a], 16);
            v[c] += v[d], v[b] = blake2b_turned(v[b] ^ v[c], 63);
        }
    }
    for (size_t i = 0; i < digest_size; i++) digest[i] = (uint8_t)((h[i / 8] ^ v[i / 8] ^ v[i / 8 + 8]) >> 8 * (i % 8));
}
