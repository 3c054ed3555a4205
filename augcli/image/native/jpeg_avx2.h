/* What a tile goes through, with vectors of 32 bytes. */
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i both(int low, int high) { return _mm256_set1_epi32((low & 0xffff) | high * 65536); }

/* Weights of red, green and blue in 1/65536: 0.299, 0.587 and 0.114; those of Cb and Cr sum to 0. */
enum { Y_R = 19595, Y_G = 38470, Y_B = 7471, CB_R = -11059, CB_G = -21709, CR_G = -27439, CR_B = -5329 };
enum { HALF = 32768, MIDDLE = (128 << 16) + HALF - 1 };

/* The first and third, or second and fourth, 4 pixels of 16, where `at` is; nothing behind the 16 is read. */
AVX2 static inline __m256i eight(const uint8_t *at) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)at)),
                                   _mm_loadu_si128((const __m128i *)(at + 24)), 1);
}

AVX2 static inline __m256i packed(__m256i low, __m256i high, int shift) {
    return _mm256_packs_epi32(_mm256_srai_epi32(low, shift), _mm256_srai_epi32(high, shift));
}

/* Convert 16 pixels to numbers of 16 bits. A weight of a half has no place in 16 bits with a sign, but its negative
 * has; that of green in luma comes in two parts. */
AVX2 static inline void colours(const uint8_t *rgb, int16_t *luma, __m256i *cb, __m256i *cr) {
/* Bytes of two of the three colours of 4 pixels, in both halves. */
#define CHOSEN(a, b)                                                                                             \
    _mm256_broadcastsi128_si256(_mm_setr_epi8(a, -1, b, -1, (a) + 3, -1, (b) + 3, -1, (a) + 6, -1, (b) + 6, -1, \
                                              (a) + 9, -1, (b) + 9, -1))
    const __m256i red_green[2] = {CHOSEN(0, 1), CHOSEN(4, 5)}, blue_green[2] = {CHOSEN(2, 1), CHOSEN(6, 5)};
#undef CHOSEN
    const __m256i half = _mm256_set1_epi32(HALF), middle = _mm256_set1_epi32(MIDDLE), full = both(-HALF, 0);
    const __m256i y_rg = both(Y_R, Y_G - 16384), y_bg = both(Y_B, 16384);
    const __m256i cb_rg = both(CB_R, CB_G), cr_bg = both(CR_B, CR_G);
    __m256i y[2], b[2], r[2];
    for (int i = 0; i < 2; i++) {
        const __m256i eights = eight(rgb + 8 * i);
        const __m256i rg = _mm256_shuffle_epi8(eights, red_green[i]), bg = _mm256_shuffle_epi8(eights, blue_green[i]);
        y[i] = _mm256_add_epi32(_mm256_add_epi32(_mm256_madd_epi16(rg, y_rg), _mm256_madd_epi16(bg, y_bg)), half);
        b[i] = _mm256_add_epi32(_mm256_sub_epi32(_mm256_madd_epi16(rg, cb_rg), _mm256_madd_epi16(bg, full)), middle);
        r[i] = _mm256_add_epi32(_mm256_sub_epi32(_mm256_madd_epi16(bg, cr_bg), _mm256_madd_epi16(rg, full)), middle);
    }
    _mm256_storeu_si256((__m256i *)luma, packed(y[0], y[1], 16));
    *cb = packed(b[0], b[1], 16);
    *cr = packed(r[0], r[1], 16);
}

/* Add neighbours of 32 numbers. */
AVX2 static inline __m256i halved(__m256i first, __m256i second) {
    return _mm256_permute4x64_epi64(_mm256_hadd_epi16(first, second), 0xd8);
}

AVX2 static void fill_tile(const uint8_t *rgb, ptrdiff_t stride, int wide, int high, Tile *tile) {
    const __m256i bias = high == 2 ? both(1, 2) : both(0, 1);
    const __m128i shift = _mm_cvtsi32_si128(high);
    const __m256i zero = _mm256_setzero_si256();
    for (int row = 0; row < 8; row++) {
        __m256i cb[2] = {zero, zero}, cr[2] = {zero, zero};
        for (int side = 0; side < wide; side++) {
            const uint8_t *at = rgb + row * high * stride + 48 * side;
            for (int next = 0; next < high; next++) /* rows lie too far apart for the processor to see it coming */
                _mm_prefetch((const char *)((uintptr_t)at + (uintptr_t)(next * stride + 192)), _MM_HINT_T0);
            int16_t *luma = tile->luma + row * high * ACROSS + 16 * side;
            colours(at, luma, cb + side, cr + side);
            if (high == 2) {
                __m256i more_cb, more_cr;
                colours(at + stride, luma + ACROSS, &more_cb, &more_cr);
                cb[side] = _mm256_add_epi16(cb[side], more_cb);
                cr[side] = _mm256_add_epi16(cr[side], more_cr);
            }
        }
        if (wide == 2) {
            cb[0] = _mm256_srl_epi16(_mm256_add_epi16(halved(cb[0], cb[1]), bias), shift);
            cr[0] = _mm256_srl_epi16(_mm256_add_epi16(halved(cr[0], cr[1]), bias), shift);
        }
        _mm256_storeu_si256((__m256i *)(tile->cb + row * CHROMA), cb[0]);
        _mm256_storeu_si256((__m256i *)(tile->cr + row * CHROMA), cr[0]);
    }
}

AVX2 static inline void transpose(__m256i *rows) {
    __m256i a[8], b[8];
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm256_unpacklo_epi16(rows[2 * i], rows[2 * i + 1]);
        a[2 * i + 1] = _mm256_unpackhi_epi16(rows[2 * i], rows[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++) {
            b[4 * i + 2 * k] = _mm256_unpacklo_epi32(a[4 * i + k], a[4 * i + k + 2]);
            b[4 * i + 2 * k + 1] = _mm256_unpackhi_epi32(a[4 * i + k], a[4 * i + k + 2]);
        }
    for (int i = 0; i < 4; i++) {
        rows[2 * i] = _mm256_unpacklo_epi64(b[i], b[i + 4]);
        rows[2 * i + 1] = _mm256_unpackhi_epi64(b[i], b[i + 4]);
    }
}

/* The cosine transform of Loeffler, Ligtenberg and Moschytz, multiplied out: what 8 numbers' sums and differences
 * weigh in the numbers 2, 6, 1, 3, 5 and 7 that come out, in 1/8192. */
enum { E1 = 4433, E2 = 10703, E3 = -10704 };
enum { A1 = 11363, A2 = 2260, A3 = 6437, A4 = 9633, B1 = -6436, B2 = -11362, B3 = -2259, B4 = 2261, B5 = -11363 };

/* Return a * m + b * n + c * o + d * p of numbers that lie as (a, b) and (c, d), with the lower bits dropped. */
AVX2 static inline __m256i weighed(const __m256i *ab, const __m256i *cd, __m256i mn, __m256i op, int shift) {
    const __m256i half = _mm256_set1_epi32(1 << (shift - 1));
    __m256i sums[2];
    for (int i = 0; i < 2; i++)
        sums[i] = _mm256_add_epi32(_mm256_add_epi32(_mm256_madd_epi16(ab[i], mn), _mm256_madd_epi16(cd[i], op)), half);
    return packed(sums[0], sums[1], shift);
}


AVX2 static inline void cosines(__m256i *at, int second) {
    __m256i sum[4], less[4];
    for (int i = 0; i < 4; i++) {
        sum[i] = _mm256_add_epi16(at[i], at[7 - i]);
        less[i] = _mm256_sub_epi16(at[i], at[7 - i]);
    }
    const int shift = second ? 15 : 11;
    const __m256i a = _mm256_add_epi16(sum[0], sum[3]), b = _mm256_add_epi16(sum[1], sum[2]);
    const __m256i c = _mm256_sub_epi16(sum[0], sum[3]), d = _mm256_sub_epi16(sum[1], sum[2]);
    const __m256i two = _mm256_set1_epi16(2), half = _mm256_set1_epi32(1 << (shift - 1));
    at[0] = _mm256_add_epi16(a, b), at[4] = _mm256_sub_epi16(a, b);
    for (int i = 0; i < 8; i += 4)
        at[i] = second ? _mm256_srai_epi16(_mm256_add_epi16(at[i], two), 2) : _mm256_slli_epi16(at[i], 2);
    const __m256i cd[2] = {_mm256_unpacklo_epi16(c, d), _mm256_unpackhi_epi16(c, d)};
    const __m256i first[2] = {_mm256_unpacklo_epi16(less[0], less[1]), _mm256_unpackhi_epi16(less[0], less[1])};
    const __m256i last[2] = {_mm256_unpacklo_epi16(less[2], less[3]), _mm256_unpackhi_epi16(less[2], less[3])};
#define EVEN(m, n)                                                                   \
    packed(_mm256_add_epi32(_mm256_madd_epi16(cd[0], both(m, n)), half),            \
           _mm256_add_epi32(_mm256_madd_epi16(cd[1], both(m, n)), half), shift)
    at[2] = EVEN(E2, E1);
    at[6] = EVEN(E1, E3);
#undef EVEN
    at[1] = weighed(first, last, both(A1, A4), both(A3, A2), shift);
    at[3] = weighed(first, last, both(A4, B3), both(B2, B1), shift);
    at[5] = weighed(first, last, both(A3, B2), both(B4, A4), shift);
    at[7] = weighed(first, last, both(A2, B1), both(A4, B5), shift);
}

AVX2 static inline __m256i row_of(const uint16_t *row) { return _mm256_loadu_si256((const __m256i *)row); }

/* Where 16 coefficients in the order of coding come from, among those of two rows; 255 is nowhere. */
static const uint8_t PLACES[4][4][32] = {
#define _ 255
#define TWICE(...) {__VA_ARGS__, __VA_ARGS__}
    {TWICE(0, 1, 8, _, 9, 2, 3, 10, _, _, _, _, _, 11, 4, 5),
     TWICE(_, _, _, 0, _, _, _, _, 1, 8, _, 9, 2, _, _, _),
     TWICE(_, _, _, _, _, _, _, _, _, _, 0, _, _, _, _, _),
     TWICE(_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _)},
    {TWICE(12, _, _, _, _, _, _, _, _, _, 13, 6, 7, 14, _, _),
     TWICE(_, 3, 10, _, _, _, _, _, 11, 4, _, _, _, _, 5, 12),
     TWICE(_, _, _, 1, 8, _, 9, 2, _, _, _, _, _, _, _, _),
     TWICE(_, _, _, _, _, 0, _, _, _, _, _, _, _, _, _, _)},
    {TWICE(_, _, _, _, _, _, _, _, _, _, 15, _, _, _, _, _),
     TWICE(_, _, _, _, _, _, _, _, 13, 6, _, 7, 14, _, _, _),
     TWICE(3, 10, _, _, _, _, 11, 4, _, _, _, _, _, 5, 12, _),
     TWICE(_, _, 1, 8, 9, 2, _, _, _, _, _, _, _, _, _, 3)},
    {TWICE(_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _),
     TWICE(_, _, _, _, _, 15, _, _, _, _, _, _, _, _, _, _),
     TWICE(_, _, _, 13, 6, _, 7, 14, _, _, _, _, 15, _, _, _),
     TWICE(10, 11, 4, _, _, _, _, _, 5, 12, 13, 6, _, 7, 14, 15)}};
#undef TWICE
#undef _

/* Transform and divide two blocks that lie side by side. */
AVX2 static void transform(const int16_t *samples, int across, const Divisors *by, Pair *pair) {
    const __m256i zero = _mm256_setzero_si256();
    __m256i rows[8], bytes[4], coded[4];
    for (int i = 0; i < 8; i++) rows[i] = _mm256_loadu_si256((const __m256i *)(samples + i * across));
    transpose(rows);
    cosines(rows, 0);
    rows[0] = _mm256_sub_epi16(rows[0], _mm256_set1_epi16(4 * 8 * 128)); /* samples are counted from the middle */
    transpose(rows);
    cosines(rows, 1);
    for (int i = 0; i < 8; i++) {
        const __m256i size = _mm256_add_epi16(_mm256_abs_epi16(rows[i]), row_of(by->half + 16 * i));
        const __m256i whole =
            _mm256_mulhi_epu16(_mm256_mulhi_epu16(size, row_of(by->inverse + 16 * i)), row_of(by->shift + 16 * i));
        rows[i] = _mm256_sign_epi16(whole, rows[i]);
        _mm256_store_si256((__m256i *)pair->numbers[i], rows[i]);
    }
    for (int i = 0; i < 4; i++) bytes[i] = _mm256_packs_epi16(rows[2 * i], rows[2 * i + 1]);
    for (int i = 0; i < 4; i++) {
        coded[i] = zero;
        for (int k = i > 2; k < 4 - (i < 1); k++)
            coded[i] = _mm256_or_si256(
                coded[i], _mm256_shuffle_epi8(bytes[k], _mm256_loadu_si256((const __m256i *)PLACES[i][k])));
    }
    const __m256i halves[4] = {
        _mm256_permute2x128_si256(coded[0], coded[1], 0x20), _mm256_permute2x128_si256(coded[2], coded[3], 0x20),
        _mm256_permute2x128_si256(coded[0], coded[1], 0x31), _mm256_permute2x128_si256(coded[2], coded[3], 0x31)};
    for (int side = 0; side < 2; side++) {
        uint32_t none[2];
        for (int i = 0; i < 2; i++) {
            _mm256_store_si256((__m256i *)(pair->coded[side] + 32 * i), halves[2 * side + i]);
            none[i] = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(halves[2 * side + i], zero));
        }
        pair->found[side] = ~(none[0] | (uint64_t)none[1] << 32) & ~(uint64_t)1; /* the first one is coded apart */
    }
}
