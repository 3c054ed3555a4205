/* The loops that gain most by vectors of 64 bytes. */
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512bw,avx512vbmi")))

#ifdef WITHOUT_AVX512 /* a test's, of the loops that run elsewhere */
static int has_avx512(void) { return 0; }
#else
static int has_avx512(void) { return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi"); }
#endif

/* One step looks up 128 entries: two of them, and the top bit chooses. */
AVX512 static void look_up_avx512(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut) {
    __m512i pieces[4];
    for (int k = 0; k < 4; k++) pieces[k] = _mm512_loadu_si512(lut + 64 * k);
    for (size_t i = 0; i < values; i += 64) {
        const __mmask64 there = values - i < 64 ? ((__mmask64)1 << (values - i)) - 1 : ~(__mmask64)0;
        const __m512i index = _mm512_maskz_loadu_epi8(there, in + i);
        const __m512i low = _mm512_permutex2var_epi8(pieces[0], index, pieces[1]);
        const __m512i high = _mm512_permutex2var_epi8(pieces[2], index, pieces[3]);
        _mm512_mask_storeu_epi8(out + i, there, _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high));
    }
}

AVX512 static void add_noise_avx512(const uint8_t *in, uint8_t *out, size_t values, const int16_t *noise,
                                    int32_t factor, int32_t offset, int32_t shift) {
    const __m512i factors = _mm512_set1_epi32(factor), offsets = _mm512_set1_epi32(offset);
    const __m512i zero = _mm512_setzero_si512();
    const __m128i shifts = _mm_cvtsi32_si128(shift);
    size_t i = 0;
    for (; i + 32 <= values; i += 32) {
        const __m512i numbers = _mm512_loadu_si512(noise + i);
        __m512i low = _mm512_madd_epi16(_mm512_unpacklo_epi16(numbers, zero), factors);
        __m512i high = _mm512_madd_epi16(_mm512_unpackhi_epi16(numbers, zero), factors);
        low = _mm512_sra_epi32(_mm512_add_epi32(low, offsets), shifts);
        high = _mm512_sra_epi32(_mm512_add_epi32(high, offsets), shifts);
        const __m512i pixels = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(in + i)));
        const __m512i sum = _mm512_max_epi16(_mm512_adds_epi16(_mm512_packs_epi32(low, high), pixels), zero);
        _mm256_storeu_si256((__m256i *)(out + i), _mm512_cvtusepi16_epi8(sum));
    }
    add_noise_plain(in + i, out + i, values - i, noise + i, factor, offset, shift);
}

AVX512 static inline __m512i scrambled_avx512(__m512i x) {
    x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 16));
    x = _mm512_mullo_epi32(x, _mm512_set1_epi32((int32_t)SCRAMBLE_1));
    x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 15));
    x = _mm512_mullo_epi32(x, _mm512_set1_epi32((int32_t)SCRAMBLE_2));
    return _mm512_xor_si512(x, _mm512_srli_epi32(x, 15));
}

AVX512 static void normal_avx512(uint32_t start, size_t n, const uint32_t *key, int16_t *out) {
    /* Packing takes four of the first vector and four of the second in turn. */
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    const __m512i factor = _mm512_set1_epi32((int32_t)key[1]), step = _mm512_slli_epi32(factor, 5);
    __m512i first = _mm512_add_epi32(_mm512_mullo_epi32(lanes, factor),
                                     _mm512_set1_epi32((int32_t)(key[0] + start * key[1])));
    __m512i second = _mm512_add_epi32(first, _mm512_slli_epi32(factor, 2));
    const __m512i middle = _mm512_set1_epi16(MIDDLE), ones = _mm512_set1_epi16(1);
    const __m512i weights = _mm512_set1_epi32(WEIGHTS[0] | WEIGHTS[1] << 8 | WEIGHTS[2] << 16 | WEIGHTS[3] << 24);
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
#define SUM(x) _mm512_madd_epi16(_mm512_maddubs_epi16(scrambled_avx512(x), weights), ones)
        const __m512i x = _mm512_sub_epi16(_mm512_packus_epi32(SUM(first), SUM(second)), middle);
#undef SUM
        const __m512i square = _mm512_mulhrs_epi16(x, x);
        __m512i bend = _mm512_set1_epi16(BEND[4]);
        for (int k = 3; k >= 0; k--)
            bend = _mm512_add_epi16(_mm512_mulhrs_epi16(bend, square), _mm512_set1_epi16(BEND[k]));
        _mm512_storeu_si512(out + i, _mm512_mulhrs_epi16(x, bend));
        first = _mm512_add_epi32(first, step), second = _mm512_add_epi32(second, step);
    }
    normal_plain(start + (uint32_t)i, n - i, key, out + i);
}

/* 16 bytes from each of four places, every fourth of those given. */
AVX512 static inline __m512i fourths(const uint8_t *from, const uint32_t *at) {
#define LOADED(k) _mm_loadu_si128((const __m128i *)(from + at[k]))
    __m512i all = _mm512_castsi128_si512(LOADED(0));
    all = _mm512_mask_broadcast_i32x4(all, 0x00f0, LOADED(4));
    all = _mm512_mask_broadcast_i32x4(all, 0x0f00, LOADED(8));
    return _mm512_mask_broadcast_i32x4(all, 0xf000, LOADED(12));
#undef LOADED
}

/* The sums of pixels k, k + 4, k + 8 and k + 12; k is a constant. */
#define SUMS(k)                                                                                                       \
    _mm512_add_epi32(_mm512_madd_epi16(_mm512_shuffle_epi8(fourths(above, at + (k)), pairs),                          \
                                       _mm512_shuffle_epi32(upper, 0x55 * (k))),                                      \
                     _mm512_madd_epi16(_mm512_shuffle_epi8(fourths(below, at + (k)), pairs),                          \
                                       _mm512_shuffle_epi32(lower, 0x55 * (k))))
#define ROUNDED(k)                                                                                                    \
    _mm512_avg_epu16(_mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_srli_epi32(SUMS(k), BITS - 1),                        \
                                             _mm512_slli_epi32(SUMS((k) + 1), 17 - BITS)),                            \
                     _mm512_setzero_si512())

/* Read columns that lie inside, 16 RGB pixels at a time as `eight_inside` does, and return the first that is left. */
AVX512 static int32_t sixteens_inside(const Source *source, const int32_t *xs, const int32_t *ys, int32_t at_x,
                                      int32_t at_y, int32_t column, int32_t end, ptrdiff_t ahead, uint8_t *out) {
    const __m512i fraction = _mm512_set1_epi32(ONE - 1), one = _mm512_set1_epi32(ONE);
    const __m512i rows_x = _mm512_set1_epi32(at_x), rows_y = _mm512_set1_epi32(at_y);
    const __m512i stride = _mm512_set1_epi32((int32_t)source->stride);
    const __m512i pairs =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
    static const uint8_t places[64] = {0,  2,  4,  1,  3,  5,  8,  10, 12, 9,  11, 13, 16, 18, 20, 17,
                                       19, 21, 24, 26, 28, 25, 27, 29, 32, 34, 36, 33, 35, 37, 40, 42,
                                       44, 41, 43, 45, 48, 50, 52, 49, 51, 53, 56, 58, 60, 57, 59, 61};
    const __m512i packed = _mm512_loadu_si512(places);
    const uint8_t *above = source->pixels, *below = above + source->stride;
    for (; column + 16 <= end; column += 16) {
        const __m512i to_x = _mm512_add_epi32(_mm512_loadu_si512(xs + column), rows_x);
        const __m512i to_y = _mm512_add_epi32(_mm512_loadu_si512(ys + column), rows_y);
        const __m512i left = _mm512_srli_epi32(to_x, BITS), top = _mm512_srli_epi32(to_y, BITS);
        const __m512i along = _mm512_add_epi32(_mm512_add_epi32(left, left), left);
        uint32_t at[16];
        _mm512_storeu_si512(at, _mm512_add_epi32(_mm512_mullo_epi32(top, stride), along));
        __asm__("" : "+m"(at));
        const __m512i x = _mm512_and_si512(to_x, fraction), y = _mm512_and_si512(to_y, fraction);
        const __m512i xy = _mm512_mulhrs_epi16(_mm512_add_epi32(x, x), y);
        const __m512i both = _mm512_add_epi32(_mm512_sub_epi32(one, x), _mm512_slli_epi32(x, 16));
        const __m512i lower = _mm512_add_epi32(_mm512_sub_epi32(y, xy), _mm512_slli_epi32(xy, 16));
        const __m512i upper = _mm512_sub_epi32(both, lower);
        for (int k = 0; k < 16; k += 8)
            _mm_prefetch((const char *)((uintptr_t)above + at[k] + (uintptr_t)ahead), _MM_HINT_T0);
        const __m512i bytes = _mm512_permutexvar_epi8(packed, _mm512_packus_epi16(ROUNDED(0), ROUNDED(2)));
        uint8_t *to = out + 3 * column;
        _mm256_storeu_si256((__m256i *)to, _mm512_castsi512_si256(bytes));
        _mm_storeu_si128((__m128i *)(to + 32), _mm512_extracti32x4_epi32(bytes, 2));
    }
    return column;
}
#undef SUMS
#undef ROUNDED
