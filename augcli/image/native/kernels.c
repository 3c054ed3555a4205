/* The few loops that a profile asked for. Each has a twin in Python, in augcli/image/native/__init__.py, that
 * gives the same bytes: what is computed here is whole numbers, or single steps of IEEE arithmetic.
 *
 * The loops stand in kernels.inc, which is compiled once for every instruction set worth having and chosen when
 * the program runs: wheels are built for the oldest processors.
 */
#include <stddef.h>
#include <stdint.h>

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

#define NAME(function) JOIN(function, plain)
#define TARGET
#include "kernels.inc"
#undef NAME
#undef TARGET

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define X86
#define NAME(function) JOIN(function, avx2)
#define TARGET __attribute__((target("avx2")))
#include "kernels.inc"
#undef NAME
#undef TARGET
#define CALL(function, ...) \
    (__builtin_cpu_supports("avx2") ? JOIN(function, avx2)(__VA_ARGS__) : JOIN(function, plain)(__VA_ARGS__))
#else
#define CALL(function, ...) JOIN(function, plain)(__VA_ARGS__)
#endif

int32_t augcli_kernels_version(void) { return 2; }

static void look_up_plain(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut) {
    for (size_t i = 0; i < values; i++) out[i] = lut[in[i]];
}

#ifdef X86
#include <immintrin.h>

/* A shuffle looks up 16 entries for 32 bytes at once and gives 0 where the index has its top bit set. Each of the
 * table's 16 pieces is asked in turn; adding with saturation sets that bit for all bytes that belong to others. */
__attribute__((target("avx2"))) static void look_up_avx2(const uint8_t *in, uint8_t *out, size_t values,
                                                         const uint8_t *lut) {
    __m256i pieces[16];
    for (int k = 0; k < 16; k++)
        pieces[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(lut + 16 * k)));
    const __m256i others = _mm256_set1_epi8(0x70), next = _mm256_set1_epi8(16);
    size_t i = 0;
    for (; i + 32 <= values; i += 32) {
        __m256i index = _mm256_loadu_si256((const __m256i *)(in + i)), found = _mm256_setzero_si256();
        for (int k = 0; k < 16; k++) {
            found = _mm256_or_si256(found, _mm256_shuffle_epi8(pieces[k], _mm256_adds_epu8(index, others)));
            index = _mm256_sub_epi8(index, next);
        }
        _mm256_storeu_si256((__m256i *)(out + i), found);
    }
    look_up_plain(in + i, out + i, values - i, lut);
}
#endif

void augcli_look_up(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut) {
    CALL(look_up, in, out, values, lut);
}

void augcli_turn_hue(const uint8_t *in, uint8_t *out, size_t pixels, const int32_t *read, const int32_t *write,
                     int32_t step) {
    CALL(turn_hue, in, out, pixels, read, write, step);
}

void augcli_add_noise(const uint8_t *in, uint8_t *out, size_t values, const float *noise, float std, float mean) {
    CALL(add_noise, in, out, values, noise, std, mean);
}
