/* The loops with vectors of 16 bytes, which every 64-bit ARM processor has. */
#include <arm_neon.h>

#include "spans.h"

#define INLINE static inline __attribute__((always_inline))

/* A shuffle looks up 64 entries; what is beyond them stays as the others have it. */
static void look_up_neon(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut) {
    uint8x16x4_t pieces[4];
    for (int k = 0; k < 16; k++) pieces[k / 4].val[k % 4] = vld1q_u8(lut + 16 * k);
    const uint8x16_t piece = vdupq_n_u8(64);
    size_t i = 0;
    for (; i + 16 <= values; i += 16) {
        uint8x16_t index = vld1q_u8(in + i), found = vqtbl4q_u8(pieces[0], index);
        for (int k = 1; k < 4; k++) {
            index = vsubq_u8(index, piece);
            found = vqtbx4q_u8(found, pieces[k], index);
        }
        vst1q_u8(out + i, found);
    }
    look_up_plain(in + i, out + i, values - i, lut);
}

static void add_noise_neon(const uint8_t *in, uint8_t *out, size_t values, const int16_t *noise, int32_t factor,
                           int32_t offset, int32_t shift) {
    const int32x4_t offsets = vdupq_n_s32(offset), right = vdupq_n_s32(-shift);
    size_t i = 0;
    for (; i + 8 <= values; i += 8) {
        const int16x8_t numbers = vld1q_s16(noise + i);
        const int32x4_t low = vmlal_n_s16(offsets, vget_low_s16(numbers), (int16_t)factor);
        const int32x4_t high = vmlal_high_n_s16(offsets, numbers, (int16_t)factor);
        const int16x8_t added = vcombine_s16(vqmovn_s32(vshlq_s32(low, right)), vqmovn_s32(vshlq_s32(high, right)));
        const int16x8_t pixels = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(in + i)));
        vst1_u8(out + i, vqmovun_s16(vqaddq_s16(added, pixels)));
    }
    add_noise_plain(in + i, out + i, values - i, noise + i, factor, offset, shift);
}

static inline uint32x4_t scrambled_neon(uint32x4_t x) {
    x = veorq_u32(x, vshrq_n_u32(x, 16));
    x = vmulq_n_u32(x, SCRAMBLE_1);
    x = veorq_u32(x, vshrq_n_u32(x, 15));
    x = vmulq_n_u32(x, SCRAMBLE_2);
    return veorq_u32(x, vshrq_n_u32(x, 15));
}

/* The weighted bytes of four hashes, of each the first two and the last two added up. */
static inline uint16x8_t weighted(uint32x4_t hashes, uint8x16_t weights) {
    const uint8x16_t bytes = vreinterpretq_u8_u32(hashes);
    return vpaddq_u16(vmull_u8(vget_low_u8(bytes), vget_low_u8(weights)), vmull_high_u8(bytes, weights));
}

static void normal_neon(uint32_t start, size_t n, const uint32_t *key, int16_t *out) {
    static const uint32_t lanes[4] = {0, 1, 2, 3};
    uint32x4_t first = vmlaq_n_u32(vdupq_n_u32(key[0] + start * key[1]), vld1q_u32(lanes), key[1]);
    uint32x4_t second = vaddq_u32(first, vdupq_n_u32(4 * key[1]));
    const uint32x4_t step = vdupq_n_u32(8 * key[1]);
    const uint8x16_t weights = vreinterpretq_u8_u32(
        vdupq_n_u32((uint32_t)(WEIGHTS[0] | WEIGHTS[1] << 8 | WEIGHTS[2] << 16 | WEIGHTS[3] << 24)));
    const uint16x8_t middle = vdupq_n_u16(MIDDLE);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const uint16x8_t sums =
            vpaddq_u16(weighted(scrambled_neon(first), weights), weighted(scrambled_neon(second), weights));
        const int16x8_t x = vreinterpretq_s16_u16(vsubq_u16(sums, middle)), square = vqrdmulhq_s16(x, x);
        int16x8_t bend = vdupq_n_s16(BEND[4]);
        for (int k = 3; k >= 0; k--) bend = vaddq_s16(vqrdmulhq_s16(bend, square), vdupq_n_s16(BEND[k]));
        vst1q_s16(out + i, vqrdmulhq_s16(x, bend));
        first = vaddq_u32(first, step), second = vaddq_u32(second, step);
    }
    normal_plain(start + (uint32_t)i, n - i, key, out + i);
}

/* Places of eight pixels, or what else there is of them in 32 bits. */
typedef struct {
    int32x4_t low, high;
} Eight;

/* The weights of eight pixels, for each of the four neighbours. */
typedef struct {
    uint16x8_t itself, beside, under, across;
} Weights;

static inline uint16x8_t fractions(Eight at) {
    const uint16x8_t low_bits = vcombine_u16(vmovn_u32(vreinterpretq_u32_s32(at.low)),
                                             vmovn_u32(vreinterpretq_u32_s32(at.high)));
    return vandq_u16(low_bits, vdupq_n_u16(ONE - 1));
}

static inline Weights weights_of(Eight at_x, Eight at_y) {
    const uint16x8_t x = fractions(at_x), y = fractions(at_y);
    const uint16x8_t xy = vcombine_u16(vrshrn_n_u32(vmull_u16(vget_low_u16(x), vget_low_u16(y)), BITS),
                                       vrshrn_n_u32(vmull_high_u16(x, y), BITS));
    const uint16x8_t under = vsubq_u16(y, xy);
    return (Weights){vsubq_u16(vsubq_u16(vdupq_n_u16(ONE), x), under), vsubq_u16(x, xy), under, xy};
}

static inline int32x4_t offsets_of(int32x4_t at_x, int32x4_t at_y, int32_t stride, int32_t channels) {
    return vmlaq_n_s32(vmulq_n_s32(vshrq_n_s32(at_x, BITS), channels), vshrq_n_s32(at_y, BITS), stride);
}

/* Let colours[k] be those of pixel k, which is a constant, in 16 bits each; a fourth is of no use. */
#define MIX_NEIGHBOURS(k)                                                                                  \
    do {                                                                                                   \
        const uint16x8_t over = vmovl_u8(vld1_u8(above + at[k])), deep = vmovl_u8(vld1_u8(below + at[k])); \
        uint32x4_t sum = vmull_laneq_u16(vget_low_u16(over), weights.itself, k);                           \
        sum = vmlal_laneq_u16(sum, vget_low_u16(vextq_u16(over, over, 3)), weights.beside, k);             \
        sum = vmlal_laneq_u16(sum, vget_low_u16(deep), weights.under, k);                                  \
        sum = vmlal_laneq_u16(sum, vget_low_u16(vextq_u16(deep, deep, 3)), weights.across, k);             \
        colours[k] = vrshrn_n_u32(sum, BITS);                                                              \
    } while (0)

#define PAIR_OF_GREYS(k) \
    over = vld2_lane_u8(above + at[k], over, k), deep = vld2_lane_u8(below + at[k], deep, k)

#define ALL_EIGHT(each) each(0), each(1), each(2), each(3), each(4), each(5), each(6), each(7)

/* Eight output pixels whose four neighbours all lie inside, and 8 bytes from each. */
INLINE void eight_neon(const uint8_t *above, int32_t stride, int32_t channels, Eight at_x, Eight at_y, uint8_t *out) {
    static const uint8_t places[24] = {0,  1,  2,  4,  5,  6,  8,  9,  10, 12, 13, 14,
                                       16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30};
    const uint8_t *below = above + stride;
    const Weights weights = weights_of(at_x, at_y);
    int32_t at[8];
    vst1q_s32(at, offsets_of(at_x.low, at_y.low, stride, channels));
    vst1q_s32(at + 4, offsets_of(at_x.high, at_y.high, stride, channels));
    if (channels == 1) {
        uint8x8x2_t over = {{vdup_n_u8(0), vdup_n_u8(0)}}, deep = over;
        ALL_EIGHT(PAIR_OF_GREYS);
        const uint16x8_t neighbours[4] = {vmovl_u8(over.val[0]), vmovl_u8(over.val[1]), vmovl_u8(deep.val[0]),
                                          vmovl_u8(deep.val[1])};
        const uint16x8_t shares[4] = {weights.itself, weights.beside, weights.under, weights.across};
        uint32x4_t low = vdupq_n_u32(0), high = low;
        for (int tap = 0; tap < 4; tap++) {
            low = vmlal_u16(low, vget_low_u16(neighbours[tap]), vget_low_u16(shares[tap]));
            high = vmlal_high_u16(high, neighbours[tap], shares[tap]);
        }
        vst1_u8(out, vmovn_u16(vcombine_u16(vrshrn_n_u32(low, BITS), vrshrn_n_u32(high, BITS))));
        return;
    }
    uint16x4_t colours[8];
    MIX_NEIGHBOURS(0);
    MIX_NEIGHBOURS(1);
    MIX_NEIGHBOURS(2);
    MIX_NEIGHBOURS(3);
    MIX_NEIGHBOURS(4);
    MIX_NEIGHBOURS(5);
    MIX_NEIGHBOURS(6);
    MIX_NEIGHBOURS(7);
    uint8x16x2_t bytes; /* four pixels each, of four bytes */
    for (int k = 0; k < 2; k++) {
        const uint16x4_t *four = colours + 4 * k;
        bytes.val[k] = vuzp1q_u8(vreinterpretq_u8_u16(vcombine_u16(four[0], four[1])),
                                 vreinterpretq_u8_u16(vcombine_u16(four[2], four[3])));
    }
    vst1q_u8(out, vqtbl2q_u8(bytes, vld1q_u8(places)));
    vst1_u8(out + 16, vqtbl2_u8(bytes, vld1_u8(places + 16)));
}

/* The call that the compiler sees with a constant number of channels. */
INLINE void eight_inside_neon(const Source *source, Eight at_x, Eight at_y, int32_t column, uint8_t *out) {
    const int32_t stride = (int32_t)source->stride;
    if (source->channels == 3)
        eight_neon(source->pixels, stride, 3, at_x, at_y, out + column * 3);
    else
        eight_neon(source->pixels, stride, 1, at_x, at_y, out + column);
}

static void affine_row_neon(const Source *source, const int32_t *xs, const int32_t *ys, int32_t at_x, int32_t at_y,
                            int32_t width, uint8_t *out) {
    const int32_t channels = source->channels;
    const Span shown = shown_columns(source, xs, ys, at_x, at_y, width);
    const Span inside = inside_columns(source, shown, xs, ys, at_x, at_y, 0);
    const int32x4_t rows_x = vdupq_n_s32(at_x), rows_y = vdupq_n_s32(at_y);
    fill_span(source, (Span){0, shown.start}, out);
    int32_t column = shown.start;
    for (; column < inside.start; column++)
        sample(source, xs[column] + at_x, ys[column] + at_y, out + column * channels);
    for (; column < inside.end && inside.end - inside.start >= 8; column += 8) {
        if (column + 8 > inside.end) column = inside.end - 8; /* some once more, rather than the last one by one */
        const Eight x = {vaddq_s32(vld1q_s32(xs + column), rows_x), vaddq_s32(vld1q_s32(xs + column + 4), rows_x)};
        const Eight y = {vaddq_s32(vld1q_s32(ys + column), rows_y), vaddq_s32(vld1q_s32(ys + column + 4), rows_y)};
        eight_inside_neon(source, x, y, column, out);
    }
    for (; column < shown.end; column++)
        sample(source, xs[column] + at_x, ys[column] + at_y, out + column * channels);
    fill_span(source, (Span){shown.end, width}, out);
}

/* Two positions in fixed point, as `position` does it: of a number and none, the number is the lesser. */
static inline int32x2_t positions_neon(float64x2_t at) {
    const float64x2_t far = vdupq_n_f64((double)(1 << 29));
    return vmovn_s64(vcvtnq_s64_f64(vmaxnmq_f64(vminnmq_f64(at, far), vnegq_f64(far))));
}

/* Where at least 0 and below the end. */
static inline uint32x4_t below_end(int32x4_t at, uint32_t end) {
    return vcltq_u32(vreinterpretq_u32_s32(at), vdupq_n_u32(end));
}

static void projective_row_neon(const Source *source, const double *m, int32_t row, int32_t width, uint8_t *out) {
    static const double pair[2] = {0, 1};
    const int32_t channels = source->channels;
    const float64x2_t us = vdupq_n_f64(m[1] * row + m[2]), vs = vdupq_n_f64(m[4] * row + m[5]);
    const float64x2_t ws = vdupq_n_f64(m[7] * row + m[8]), one = vdupq_n_f64(1);
    const float64x2_t a = vdupq_n_f64(m[0]), d = vdupq_n_f64(m[3]), g = vdupq_n_f64(m[6]);
    const uint32_t across = (uint32_t)source->width << BITS, down = (uint32_t)source->height << BITS;
    const int32x4_t before = vdupq_n_s32(ONE);
    float64x2_t at = vld1q_f64(pair);
    int32_t column = 0;
    for (; column + 8 <= width; column += 8) {
        int32x2_t x[4], y[4];
        for (int k = 0; k < 4; k++, at = vaddq_f64(at, vdupq_n_f64(2))) {
            const float64x2_t part = vdivq_f64(one, vaddq_f64(vmulq_f64(g, at), ws));
            x[k] = positions_neon(vmulq_f64(vaddq_f64(vmulq_f64(a, at), us), part));
            y[k] = positions_neon(vmulq_f64(vaddq_f64(vmulq_f64(d, at), vs), part));
        }
        const Eight at_x = {vcombine_s32(x[0], x[1]), vcombine_s32(x[2], x[3])};
        const Eight at_y = {vcombine_s32(y[0], y[1]), vcombine_s32(y[2], y[3])};
        const uint32x4_t low = vandq_u32(below_end(at_x.low, across - ONE), below_end(at_y.low, down - 2 * ONE));
        const uint32x4_t high = vandq_u32(below_end(at_x.high, across - ONE), below_end(at_y.high, down - 2 * ONE));
        if (vminvq_u32(vandq_u32(low, high))) {
            eight_inside_neon(source, at_x, at_y, column, out);
            continue;
        }
        const uint32x4_t near_low = vandq_u32(below_end(vaddq_s32(at_x.low, before), across + ONE),
                                              below_end(vaddq_s32(at_y.low, before), down + ONE));
        const uint32x4_t near_high = vandq_u32(below_end(vaddq_s32(at_x.high, before), across + ONE),
                                               below_end(vaddq_s32(at_y.high, before), down + ONE));
        if (source->border == CONSTANT && !vmaxvq_u32(vorrq_u32(near_low, near_high))) {
            fill_span(source, (Span){column, column + 8}, out);
            continue;
        }
        int32_t xs[8], ys[8];
        vst1q_s32(xs, at_x.low), vst1q_s32(xs + 4, at_x.high);
        vst1q_s32(ys, at_y.low), vst1q_s32(ys + 4, at_y.high);
        for (int k = 0; k < 8; k++) sample(source, xs[k], ys[k], out + (column + k) * channels);
    }
    projective_row(source, m, row, column, width, out);
}

static void warp_neon(const Source *source, const Motion *motion, int32_t start, int32_t end, uint8_t *out) {
    const int32_t width = motion->width, *columns = motion->columns;
    const ptrdiff_t line = (ptrdiff_t)width * source->channels;
    const double *m = motion->matrix;
    const int small = source->width < 16 || source->height < 3 || width < 1;
    if (small || source->stride * source->height > INT32_MAX || (source->channels != 3 && source->channels != 1)) {
        warp_plain(source, motion, start, end, out);
        return;
    }
    for (int32_t row = start; row < end; row++, out += line) {
        if (columns)
            affine_row_neon(source, columns, columns + width, position(m[1] * row + m[2]),
                            position(m[4] * row + m[5]), width, out);
        else
            projective_row_neon(source, m, row, width, out);
    }
}

/* Down, then along: `line` begins `radius` pixels before the row. The radius is a constant where it is small. */
INLINE void blur_radius_neon(const uint8_t **rows, int32_t width, int32_t channels, const int16_t *down,
                             const int16_t *along, int32_t radius, int16_t *line, uint8_t *out) {
    const size_t values = (size_t)width * (size_t)channels;
    int16_t *middle = line + radius * channels;
    size_t i = 0;
#define BYTES(k) vld1_u8(rows[k] + i)
    for (; i + 8 <= values; i += 8) {
        int16x8_t sum = vqrdmulhq_n_s16(vreinterpretq_s16_u16(vshll_n_u8(BYTES(radius), 7)), down[0]);
        for (int32_t k = 1; k <= radius; k++) {
            const uint16x8_t pair = vshlq_n_u16(vaddl_u8(BYTES(radius - k), BYTES(radius + k)), 6);
            sum = vaddq_s16(sum, vqrdmulhq_n_s16(vreinterpretq_s16_u16(pair), down[k]));
        }
        vst1q_s16(middle + i, sum);
    }
#undef BYTES
    blur_down(rows, i, values, down, radius, middle);
    blur_ends(line, width, channels, radius);
    for (i = 0; i + 8 <= values; i += 8) {
        const int16_t *at = middle + i;
        int16x8_t sum = vqrdmulhq_n_s16(vld1q_s16(at), along[0]);
        for (int32_t k = 1; k <= radius; k++) {
            const int16x8_t pair = vrhaddq_s16(vld1q_s16(at - k * channels), vld1q_s16(at + k * channels));
            sum = vaddq_s16(sum, vqrdmulhq_n_s16(pair, along[k]));
        }
        vst1_u8(out + i, vqrshrun_n_s16(sum, 7));
    }
    blur_along(middle, i, values, channels, along, radius, out);
}

static void blur_row_neon(const uint8_t **rows, int32_t width, int32_t channels, const int16_t *down,
                          const int16_t *along, int32_t radius, int16_t *line, uint8_t *out) {
    if (radius == 1)
        blur_radius_neon(rows, width, channels, down, along, 1, line, out);
    else if (radius == 2)
        blur_radius_neon(rows, width, channels, down, along, 2, line, out);
    else if (radius == 3)
        blur_radius_neon(rows, width, channels, down, along, 3, line, out);
    else
        blur_radius_neon(rows, width, channels, down, along, radius, line, out);
}

static inline uint8x8_t quarters(uint8x16_t over, uint8x16_t under) {
    return vrshrn_n_u16(vpadalq_u8(vpaddlq_u8(over), under), 2);
}

static void halve_row_neon(const uint8_t *above, const uint8_t *below, int32_t width, int32_t channels, uint8_t *out) {
    int32_t i = 0;
    for (; channels == 3 && 2 * i + 16 <= width; i += 8) {
        const uint8x16x3_t over = vld3q_u8(above + 6 * (size_t)i), under = vld3q_u8(below + 6 * (size_t)i);
        uint8x8x3_t means;
        for (int k = 0; k < 3; k++) means.val[k] = quarters(over.val[k], under.val[k]);
        vst3_u8(out + 3 * (size_t)i, means);
    }
    for (; channels == 1 && 2 * i + 16 <= width; i += 8)
        vst1_u8(out + i, quarters(vld1q_u8(above + 2 * (size_t)i), vld1q_u8(below + 2 * (size_t)i)));
    halve_from(above, below, i, width, channels, out);
}

static void average_rows_neon(const uint8_t *above, const uint8_t *below, size_t values, uint8_t *out) {
    size_t i = 0;
    for (; i + 16 <= values; i += 16) vst1q_u8(out + i, vrhaddq_u8(vld1q_u8(above + i), vld1q_u8(below + i)));
    average_rows_plain(above + i, below + i, values - i, out + i);
}

static void add_up_neon(const uint8_t *in, size_t pixels, int32_t channels, uint64_t *sums) {
    size_t i = 0;
    if (channels == 3) {
        uint64x2_t total[3] = {vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0)};
        for (; i + 16 <= pixels; i += 16) {
            const uint8x16x3_t colours = vld3q_u8(in + 3 * i);
            for (int k = 0; k < 3; k++)
                total[k] = vpadalq_u32(total[k], vpaddlq_u16(vpaddlq_u8(colours.val[k])));
        }
        for (int k = 0; k < 3; k++) sums[k] += vaddvq_u64(total[k]);
    }
    add_up_plain(in + i * (size_t)channels, pixels - i, channels, sums);
}

static void mix_neon(uint8_t (*planes)[TILE], size_t n, const int32_t *stage) {
    const int32x4_t right = vdupq_n_s32(-stage[13]);
    for (size_t i = 0; i < n; i += 8) {
        int16x8_t colours[3];
        for (int k = 0; k < 3; k++) colours[k] = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(planes[k] + i)));
        for (int k = 0; k < 3; k++) {
            int32x4_t low = vdupq_n_s32(stage[10 + k]), high = low;
            for (int from = 0; from < 3; from++) {
                const int16_t weight = (int16_t)stage[1 + 3 * k + from];
                low = vmlal_n_s16(low, vget_low_s16(colours[from]), weight);
                high = vmlal_high_n_s16(high, colours[from], weight);
            }
            const int16x4_t first = vqmovn_s32(vshlq_s32(low, right)), last = vqmovn_s32(vshlq_s32(high, right));
            vst1_u8(planes[k] + i, vqmovun_s16(vcombine_s16(first, last)));
        }
    }
}

/* Luma as grey_plain has it. */
static void grey_neon(uint8_t (*planes)[TILE], size_t n) {
    static const uint16_t luma[3] = {LUMA_RED, LUMA_GREEN, LUMA_BLUE};
    for (size_t i = 0; i < n; i += 8) {
        uint32x4_t low = vdupq_n_u32(0), high = low;
        for (int k = 0; k < 3; k++) {
            const uint16x8_t colour = vmovl_u8(vld1_u8(planes[k] + i));
            low = vmlal_n_u16(low, vget_low_u16(colour), luma[k]);
            high = vmlal_high_n_u16(high, colour, luma[k]);
        }
        vst1_u8(planes[0] + i, vmovn_u16(vcombine_u16(vrshrn_n_u32(low, 16), vrshrn_n_u32(high, 16))));
    }
    memcpy(planes[1], planes[0], n);
    memcpy(planes[2], planes[0], n);
}

/* X - Y + (rising where Z > Y, else falling), clamped; of the two differences with saturation one is 0. */
static inline uint8x16_t turned_neon(uint8x16_t x, uint8x16_t y, uint8x16_t z, uint8x16_t low, uint8x16_t high,
                                     uint8x16_t rising, uint8x16_t falling) {
    const uint8x16_t target = vqsubq_u8(vbslq_u8(vcgtq_u8(z, y), rising, falling), vqsubq_u8(y, x));
    return vminq_u8(vmaxq_u8(vqaddq_u8(target, vqsubq_u8(x, y)), low), high);
}

static inline uint8x8_t part_of(uint8x8_t spread, int16_t step) {
    return vmovn_u16(vreinterpretq_u16_s16(vqrdmulhq_n_s16(vreinterpretq_s16_u16(vmovl_u8(spread)), step)));
}

static void hue_neon(uint8_t (*planes)[TILE], size_t n, const int32_t *stage) {
    /* The rounding multiplication is that of hue_plain. A whole step does not fit; one less gives the same. */
    const int16_t step = (int16_t)(stage[7] > 0x7fff ? 0x7fff : stage[7]);
    for (size_t i = 0; i < n; i += 16) {
        const uint8x16_t x = vld1q_u8(planes[stage[1]] + i), y = vld1q_u8(planes[stage[2]] + i);
        const uint8x16_t z = vld1q_u8(planes[stage[3]] + i);
        const uint8x16_t high = vmaxq_u8(vmaxq_u8(x, y), z), low = vminq_u8(vminq_u8(x, y), z);
        const uint8x16_t spread = vsubq_u8(high, low);
        const uint8x16_t part = vcombine_u8(part_of(vget_low_u8(spread), step), part_of(vget_high_u8(spread), step));
        const uint8x16_t rising = vaddq_u8(low, part), falling = vsubq_u8(high, part);
        const uint8x16_t first = turned_neon(x, y, z, low, high, rising, falling);
        const uint8x16_t second = turned_neon(y, z, x, low, high, rising, falling);
        const uint8x16_t third = turned_neon(z, x, y, low, high, rising, falling);
        vst1q_u8(planes[stage[4]] + i, first);
        vst1q_u8(planes[stage[5]] + i, second);
        vst1q_u8(planes[stage[6]] + i, third);
    }
}

static void split_neon(const uint8_t *from, uint8_t (*planes)[TILE], size_t n) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const uint8x16x3_t colours = vld3q_u8(from + 3 * i);
        for (int k = 0; k < 3; k++) vst1q_u8(planes[k] + i, colours.val[k]);
    }
    for (; i < n; i++)
        for (int k = 0; k < 3; k++) planes[k][i] = from[3 * i + k];
}

static void join_neon(uint8_t (*planes)[TILE], uint8_t *to, size_t n) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        uint8x16x3_t colours;
        for (int k = 0; k < 3; k++) colours.val[k] = vld1q_u8(planes[k] + i);
        vst3q_u8(to + 3 * i, colours);
    }
    for (; i < n; i++)
        for (int k = 0; k < 3; k++) to[3 * i + k] = planes[k][i];
}

static void colour_neon(const uint8_t *in, uint8_t *out, size_t pixels, const int32_t *program, int32_t stages,
                        const uint8_t *tables) {
    uint8_t planes[3][TILE] = {{0}}; /* behind the last pixel whole vectors are computed and left */
    for (size_t start = 0; start < pixels; start += TILE) {
        const size_t n = pixels - start < TILE ? pixels - start : TILE;
        split_neon(in + 3 * start, planes, n);
        for (const int32_t *stage = program; stage < program + STAGE * stages; stage += STAGE) {
            if (*stage == TABLE)
                for (int k = 0; k < 3; k++) look_up_neon(planes[k], planes[k], n, tables + stage[1 + k]);
            else if (*stage == MIX)
                mix_neon(planes, n, stage);
            else if (*stage == GREY)
                grey_neon(planes, n);
            else
                hue_neon(planes, n, stage);
        }
        join_neon(planes, out + 3 * start, n);
    }
}
