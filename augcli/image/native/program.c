/* Runs the ops of a recipe on an 8-bit picture without alpha: what augcli/image/ops does, in one call.
 *
 * Numbers that decide are computed in the steps of their twins in Python: geometry.py, shrinking.py, colour.py, blurs.py
 * and noise.py. What only those can do is declined. Rows are made and recoloured in bands, which stay in the cache. */
#include <stdlib.h>

#include "blake2b.h"
#include "kernels.h"
#include "mixes.h"
#include "recipe.h"

enum { DONE, DECLINED };

#define BAND 16       /* rows */
#define MOST_DEPTH 24 /* of halvings */
#define LARGEST_BLOCK 64

/* An image of which rows are made when they are needed, BAND at a time. */
typedef struct {
    uint8_t *pixels;
    uint8_t *is_made; /* for each band */
    int32_t width, height;
} Level;

/* Memory that is kept for the next call. */
typedef struct {
    uint8_t *bytes;
    size_t size;
} Space;

typedef struct {
    const uint8_t *pixels; /* of somebody else */
    ptrdiff_t stride;
    int32_t width, height, channels, pitch;
    Level halves[MOST_DEPTH + 1], smooth[MOST_DEPTH + 1];
    Space part, columns, line;
} Levels;

Levels *augcli_levels(const uint8_t *pixels, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                      int32_t pitch) {
    Levels *levels = calloc(1, sizeof *levels);
    if (!levels) return NULL;
    levels->pixels = pixels, levels->stride = stride;
    levels->width = width, levels->height = height, levels->channels = channels, levels->pitch = pitch;
    return levels;
}

void augcli_forget_levels(Levels *levels) {
    if (!levels) return;
    for (int depth = 0; depth <= MOST_DEPTH; depth++) {
        free(levels->halves[depth].pixels), free(levels->halves[depth].is_made);
        free(levels->smooth[depth].pixels), free(levels->smooth[depth].is_made);
    }
    free(levels->part.bytes), free(levels->columns.bytes), free(levels->line.bytes);
    free(levels);
}

/* Room for so many bytes; NULL where there is none. */
static void *room(Space *space, size_t size) {
    if (space->size < size) {
        free(space->bytes);
        space->bytes = malloc(size);
        space->size = space->bytes ? size : 0;
    }
    return space->bytes;
}

/* Levels of the source */

static Source at_depth(const Levels *levels, int depth, bool is_smooth) {
    Source source = {levels->pixels, levels->stride, levels->width, levels->height, levels->channels, CONSTANT, {0}};
    if (depth) {
        const Level *level = (is_smooth && depth > 1 ? levels->smooth : levels->halves) + depth;
        source.pixels = level->pixels, source.width = level->width, source.height = level->height;
        source.stride = (ptrdiff_t)level->width * levels->channels;
    }
    return source;
}

static const uint8_t *row_of(const Source *source, int32_t y) { return source->pixels + y * source->stride; }

/* Blur with 1 2 1 both ways: for the last of some halvings, see `Pyramid.smooth`. */
static const int16_t SOFT[2] = {1 << 14, 1 << 14};

/* Let rows of a level be there; its pixels stay where they are. */
static bool make_rows(Levels *levels, int depth, bool is_smooth, int32_t top, int32_t bottom) {
    if (!depth) return true;
    is_smooth = is_smooth && depth > 1;
    Level *level = (is_smooth ? levels->smooth : levels->halves) + depth;
    const int32_t channels = levels->channels;
    if (!level->pixels) {
        level->width = (int32_t)(((int64_t)levels->width + (1 << depth) - 1) >> depth);
        level->height = (int32_t)(((int64_t)levels->height + (1 << depth) - 1) >> depth);
        level->is_made = level->is_made ? level->is_made : calloc((size_t)level->height / BAND + 1, 1);
        level->pixels = malloc((size_t)level->width * (size_t)level->height * (size_t)channels);
        if (!level->is_made || !level->pixels) return false;
    }
    for (int32_t band = top / BAND; band * BAND < bottom; band++) {
        if (level->is_made[band]) continue;
        const int32_t start = band * BAND, end = start + BAND < level->height ? start + BAND : level->height;
        const int32_t margin = is_smooth ? 1 : 0;
        const int32_t first = 2 * start - margin > 0 ? 2 * start - margin : 0;
        if (!make_rows(levels, depth - 1, false, 0, 0)) return false;
        const Source below = at_depth(levels, depth - 1, false);
        const int32_t last = 2 * end + margin < below.height ? 2 * end + margin : below.height;
        if (!make_rows(levels, depth - 1, false, first, last)) return false;
        const size_t values = (size_t)below.width * (size_t)channels;
        uint8_t *soft = NULL;
        int16_t *line = NULL;
        if (is_smooth) {
            const size_t middle = (values + 2 * (size_t)channels) * sizeof *line;
            line = room(&levels->line, middle + 2 * values);
            if (!line) return false;
            soft = (uint8_t *)line + middle;
        }
        for (int32_t y = start; y < end; y++) {
            const int32_t two[2] = {2 * y, 2 * y + 1 < below.height ? 2 * y + 1 : 2 * y};
            const uint8_t *pair[2];
            for (int i = 0; i < 2; i++) {
                pair[i] = row_of(&below, two[i]);
                if (!is_smooth) continue;
                const uint8_t *rows[3];
                for (int k = -1; k <= 1; k++)
                    rows[1 + k] = row_of(&below, augcli_reach(two[i] + k, below.height, REFLECT));
                augcli_blur_row(rows, below.width, channels, SOFT, SOFT, 1, line, soft + (size_t)i * values);
                pair[i] = soft + (size_t)i * values;
            }
            augcli_halve_row(pair[0], pair[1], below.width, channels,
                             level->pixels + (size_t)y * (size_t)level->width * (size_t)channels);
        }
        level->is_made[band] = 1;
    }
    return true;
}

/* Blurs */

/* The middle weight of a symmetric kernel and those of its pairs, in fixed point; `pairs` are half of theirs. */
static void halved(const double *pairs, int32_t radius, int16_t *weights) {
    int32_t sum = 0;
    for (int32_t k = 1; k <= radius; k++) {
        const int32_t pair = (int32_t)rint(2 * pairs[k - 1] * (1 << 15));
        weights[k] = (int16_t)pair;
        sum += pair;
    }
    const int32_t middle = (1 << 15) - sum;
    weights[0] = (int16_t)(middle < (1 << 15) - 1 ? middle : (1 << 15) - 1);
}

/* Blur to `out`, which may be where the source is. */
static bool blur(Space *space, const Source *source, const int16_t *down, const int16_t *along, int32_t radius,
                 uint8_t *out) {
    const size_t values = (size_t)source->width * (size_t)source->channels, taps = 2 * (size_t)radius + 1;
    const size_t row_bytes = taps * sizeof(uint8_t *);
    const size_t line_bytes = (values + 2 * (size_t)(radius * source->channels)) * sizeof(int16_t);
    const bool in_place = out == source->pixels;
    const uint8_t **rows = room(space, row_bytes + line_bytes + (in_place ? taps * values : 0));
    if (!rows) return false;
    int16_t *line = (int16_t *)((uint8_t *)rows + row_bytes);
    uint8_t *ring = (uint8_t *)line + line_bytes; /* of rows that are written over */
    int32_t kept = 0;
    for (int32_t y = 0; y < source->height; y++) {
        for (; in_place && kept < source->height && kept <= y + radius; kept++)
            memcpy(ring + (size_t)kept % taps * values, row_of(source, kept), values);
        for (int32_t k = -radius; k <= radius; k++) {
            const int32_t row = augcli_reach(y + k, source->height, REFLECT);
            rows[radius + k] = in_place ? ring + (size_t)row % taps * values : row_of(source, row);
        }
        augcli_blur_row(rows, source->width, source->channels, down, along, radius, line, out + (size_t)y * values);
    }
    return true;
}

/* Warps */

/* How rows of the first image are made: read where a motion says, moved by whole pixels, or taken as they are. */
typedef struct {
    Source source;
    Motion motion;
    enum { WARPED, MOVED } kind;
    bool is_turned;
    int32_t step_x, step_y, from_x, from_y; /* MOVED: x of the source is from_x and so many steps, of columns or of rows */
    int32_t width, height;
} Reading;

static double floored(double at, int32_t factor) { return at - fmod(at, factor); }

/* The part of an image that a warp reads, on the grid of the factors, with a margin: left, top, right, bottom. */
static void find_needed(const Source *image, Matrix matrix, const RecipeOp *op, const int32_t *factors,
                        int32_t *part) {
    const int32_t width = image->width, height = image->height;
    const Bounds box = read_box(matrix, op->size);
    part[0] = part[1] = 0, part[2] = width, part[3] = height;
    const bool repeats = op->border == SYMMETRIC || op->border == REFLECT || op->border == WRAP;
    if (repeats && !lies_inside(box, (Sides){width, height})) return;
    const double ends[2][2] = {{box.left, box.right}, {box.top, box.bottom}};
    const int32_t sides[2] = {width, height};
    for (int axis = 0; axis < 2; axis++) {
        const int32_t margin = 3 * factors[axis], factor = factors[axis];
        part[axis] = (int32_t)floored(greater(0, lesser(ends[axis][0], sides[axis]) - margin), factor);
        const double end = greater(ends[axis][1], 0) + margin;
        if (end < sides[axis]) {
            const double whole = floored(end, factor) + factor;
            part[2 + axis] = whole < sides[axis] ? (int32_t)whole : sides[axis];
        }
    }
}

/* The kernels of the blur that belongs before a shrink, as `_kernels` has them; 0: none. */
static int32_t find_kernels(const double *left, int16_t (*weights)[3]) {
    double variances[2];
    for (int axis = 0; axis < 2; axis++) {
        const double shrink = left[axis];
        variances[axis] = greater(0, lesser((shrink * shrink - 1) / 4, shrink * shrink / 6 - 1.0 / 12));
    }
    const double most = greater(variances[0], variances[1]);
    if (most < 0.2) return 0;
    const int32_t radius = most <= 0.5 ? 1 : 2;
    for (int axis = 0; axis < 2; axis++) {
        const double a = lesser(variances[axis] / 2, 0.25), b = variances[axis] / 2 - a;
        const double one[1] = {variances[axis] / 2}, two[2] = {a + b - 4 * a * b, a * b};
        halved(radius == 1 ? one : two, radius, weights[axis]);
    }
    return radius;
}

static int shared_depth(int32_t factor) {
    int depth = 0;
    while (factor >> (depth + 1)) depth++;
    return depth && factor * 2 >= 3 << depth ? depth - 1 : depth;
}

/* Average and blur what the matrix shrinks, as `reduced` does, and adapt the matrix. */
static int reduce(Levels *levels, const RecipeOp *op, Matrix *matrix, Source *source) {
    double shrinks[2], left[2];
    int32_t factors[2], part[4], radius = 0;
    int16_t weights[2][3];
    shrink_factors(*matrix, op->size, shrinks);
    for (int axis = 0; axis < 2; axis++) {
        if (!(shrinks[axis] < 1 << 16)) return DECLINED;
        int exponent;
        frexp((shrinks[axis] + TINY) / 1.5, &exponent);
        const int32_t whole = (int32_t)(shrinks[axis] + TINY);
        factors[axis] = op->antialias ? 1 << (exponent > 1 ? exponent - 1 : 0) : whole > 1 ? whole : 1;
    }
    const int depth = shared_depth(factors[0] < factors[1] ? factors[0] : factors[1]);
    if (depth) *matrix = product(scaling(ldexp(1, -depth), ldexp(1, -depth)), *matrix);
    for (int axis = 0; axis < 2; axis++) {
        factors[axis] >>= depth;
        left[axis] = shrinks[axis] / (factors[axis] << depth);
    }
    if (factors[0] > LARGEST_BLOCK || factors[1] > LARGEST_BLOCK) return DECLINED;
    if (op->antialias) radius = find_kernels(left, weights);
    if (!make_rows(levels, depth, op->antialias, 0, 0)) return DECLINED;
    *source = at_depth(levels, depth, op->antialias);
    find_needed(source, *matrix, op, factors, part);
    if (!make_rows(levels, depth, op->antialias, part[1], part[3])) return DECLINED;
    const bool averages = factors[0] > 1 || factors[1] > 1;
    if (!averages && !radius) return DONE;
    *matrix = product(translation(-part[0], -part[1]), *matrix);
    *matrix = product(scaling(1.0 / factors[0], 1.0 / factors[1]), *matrix);
    source->pixels = row_of(source, part[1]) + (ptrdiff_t)part[0] * source->channels;
    source->width = part[2] - part[0], source->height = part[3] - part[1];
    const int32_t width = (source->width + factors[0] - 1) / factors[0];
    const int32_t height = (source->height + factors[1] - 1) / factors[1];
    const size_t stride = (size_t)width * (size_t)source->channels;
    uint8_t *made = room(&levels->part, stride * (size_t)height);
    if (!made) return DECLINED;
    if (averages) {
        uint32_t *sums = room(&levels->line, (size_t)source->width * (size_t)source->channels * sizeof *sums);
        if (!sums) return DECLINED;
        augcli_average(source->pixels, source->stride, source->width, source->height, source->channels, factors[0],
                       factors[1], made, sums);
        source->pixels = made, source->stride = (ptrdiff_t)stride, source->width = width, source->height = height;
    }
    if (radius && !blur(&levels->line, source, weights[1], weights[0], radius, made)) return DECLINED;
    source->pixels = made, source->stride = (ptrdiff_t)stride;
    return DONE;
}

/* Whether places are what a row and a column add, each within fixed point. */
static bool adds_up(Matrix m, Sides size) {
    const double x = greater(fabs(m.a) * size.width, fabs(m.b) * size.height + fabs(m.c));
    const double y = greater(fabs(m.d) * size.width, fabs(m.e) * size.height + fabs(m.f));
    return is_affine(m) && greater(x, y) * ONE < (double)(1 << 29);
}

static int prepare_warp(Levels *levels, const RecipeOp *op, Reading *reading) {
    Matrix matrix = op->matrix;
    if (levels->pitch != 1) matrix = product(scaling(1.0 / levels->pitch, 1.0 / levels->pitch), matrix);
    const bool is_coloured = op->fill[0] != op->fill[1] || op->fill[0] != op->fill[2];
    if (levels->channels == 1 && op->border == CONSTANT && is_coloured) return DECLINED;
    reading->width = op->size.width, reading->height = op->size.height;
    if (moves_whole_pixels(matrix)) {
        reading->kind = MOVED;
        reading->source = at_depth(levels, 0, false);
        matrix = to_index(matrix);
        if (!(fabs(matrix.c) < 1 << 28 && fabs(matrix.f) < 1 << 28)) return DECLINED;
        reading->is_turned = rint(matrix.a) == 0;
        reading->step_x = (int32_t)rint(reading->is_turned ? matrix.b : matrix.a);
        reading->step_y = (int32_t)rint(reading->is_turned ? matrix.d : matrix.e);
        reading->from_x = (int32_t)rint(matrix.c), reading->from_y = (int32_t)rint(matrix.f);
    } else {
        if (op->interpolation != BILINEAR) return DECLINED;
        if (is_axis_aligned(matrix) && greater(fabs(matrix.a), fabs(matrix.e)) > 1 &&
            lies_inside(read_box(matrix, op->size), (Sides){levels->width, levels->height}))
            return DECLINED; /* Pillow's */
        reading->kind = WARPED;
        if (reduce(levels, op, &matrix, &reading->source) != DONE) return DECLINED;
        matrix = to_index(matrix);
        int32_t *columns = NULL;
        if (adds_up(matrix, op->size)) {
            columns = room(&levels->columns, 2 * (size_t)op->size.width * sizeof *columns);
            if (!columns) return DECLINED;
        }
        reading->motion = augcli_motion(matrix, op->size.width, columns);
    }
    reading->source.border = op->border;
    memcpy(reading->source.fill, op->fill, 3);
    return DONE;
}

/* One row of a picture whose pixels are only moved: along a row of the source, or along a column where it is turned. */
static void move_row(const Reading *reading, int32_t y, uint8_t *out) {
    const Source *source = &reading->source;
    const int32_t channels = source->channels, turned = reading->is_turned;
    const int32_t step = turned ? reading->step_y : reading->step_x, from = turned ? reading->from_y : reading->from_x;
    const int32_t other = turned ? reading->from_x + reading->step_x * y : reading->from_y + reading->step_y * y;
    const int32_t length = turned ? source->height : source->width;
    const int32_t line = augcli_reach(other, turned ? source->width : source->height, source->border);
    const ptrdiff_t along = turned ? source->stride : channels, across = turned ? channels : source->stride;
    const int32_t last = from + step * (reading->width - 1);
    const bool is_inside = line >= 0 && from >= 0 && from < length && last >= 0 && last < length;
    const uint8_t *pixel = source->pixels + (line < 0 ? 0 : line * across);
    if (is_inside && along == channels && step == 1) {
        memcpy(out, pixel + from * along, (size_t)reading->width * (size_t)channels);
        return;
    }
    for (int32_t x = 0; x < reading->width; x++, out += channels) {
        const int32_t at = is_inside ? from + step * x : augcli_reach(from + step * x, length, source->border);
        const uint8_t *shown = line < 0 || at < 0 ? source->fill : pixel + at * along;
        out[0] = shown[0];
        if (channels == 3) out[1] = shown[1], out[2] = shown[2];
    }
}

static void make_band(const Reading *reading, int32_t start, int32_t end, uint8_t *out) {
    if (reading->kind == WARPED) {
        augcli_warp_rows(&reading->source, &reading->motion, start, end, out);
        return;
    }
    const ptrdiff_t line = (ptrdiff_t)reading->width * reading->source.channels;
    for (int32_t y = start; y < end; y++, out += line) move_row(reading, y, out);
}

/* Colours */

typedef struct {
    int32_t program[STAGE * MOST_OPS], stages;
    uint8_t tables[768 * MOST_OPS]; /* the n-th is that of stage n; of grey pictures there is one, the first */
} Colours;

/* A table of three columns of 256: the next stage, or, of a grey picture, one more step of its only table. */
static bool add_table(Colours *colours, int32_t channels, const uint8_t *table) {
    if (channels == 1) {
        if (memcmp(table, table + 256, 512)) return false; /* it becomes coloured */
        for (int level = 0; level < 256; level++)
            colours->tables[level] = table[colours->stages ? colours->tables[level] : level];
        colours->stages = 1;
        return true;
    }
    int32_t *stage = colours->program + STAGE * colours->stages;
    memcpy(colours->tables + 768 * colours->stages, table, 768);
    stage[0] = TABLE;
    for (int k = 0; k < 3; k++) stage[1 + k] = 768 * colours->stages + 256 * k;
    colours->stages++;
    return true;
}

static bool reads_mean(const RecipeOp *op) { return op->kind == OP_MIX && !is_zero(op->by_mean); }

static bool is_recolour(const RecipeOp *op) { return op->kind == OP_MIX || op->kind == OP_TABLE || op->kind == OP_HUE; }

static bool add_mix(Colours *colours, int32_t channels, const RecipeOp *op, const double *mean) {
    static const double ONES[3] = {1, 1, 1};
    const Matrix m = op->matrix;
    double offset[3];
    memcpy(offset, op->constant, sizeof offset);
    if (reads_mean(op)) {
        double by_mean[3];
        on_vector(op->by_mean, mean, by_mean);
        for (int k = 0; k < 3; k++) offset[k] = by_mean[k] + offset[k];
    }
    if (channels == 1 || is_diagonal(m)) {
        uint8_t table[768];
        double scales[3] = {m.a, m.e, m.i};
        if (channels == 1) on_vector(m, ONES, scales);
        fill_levels(scales, offset, op->truncate, 3, table);
        return add_table(colours, channels, table);
    }
    int32_t *stage = colours->program + STAGE * colours->stages;
    colours->stages++;
    if (is_none(offset) && !memcmp(&m, &LUMAS, sizeof m)) {
        stage[0] = GREY;
        return true;
    }
    const double weights[9] = {m.a, m.b, m.c, m.d, m.e, m.f, m.g, m.h, m.i}, largest = greatest(m);
    int exponent;
    frexp(largest / 1.9999, &exponent);
    const int32_t bits = 14 - exponent < 14 ? 14 - exponent : 14, moved = bits > 0 ? bits : 0;
    const int32_t one = 1 << moved, half = op->truncate || !moved ? 0 : 1 << (moved - 1);
    const double farthest = (double)(1 << 29);
    if (!(largest * one <= INT16_MAX && isfinite(offset[0] + offset[1] + offset[2]))) return false;
    stage[0] = MIX;
    for (int i = 0; i < 9; i++) stage[1 + i] = (int32_t)rint(weights[i] * one);
    for (int k = 0; k < 3; k++)
        stage[10 + k] = (int32_t)lesser(greater(rint(offset[k] * one), -farthest), farthest) + half;
    stage[13] = moved;
    return true;
}

static void add_hue(Colours *colours, double turns) {
    int32_t *stage = colours->program + STAGE * colours->stages++;
    const double thirds = rint(turns * 3), sixths = (turns * 3 - thirds) * 2;
    stage[0] = HUE;
    for (int k = 0; k < 3; k++) {
        const int32_t channel = sixths >= 0 ? k : 2 - k;
        stage[1 + k] = (int32_t)(((channel - (int64_t)thirds) % 3 + 3) % 3);
        stage[4 + k] = channel;
    }
    stage[7] = (int32_t)rint(fabs(sixths) * (1 << 15));
}

static bool add_stage(Colours *colours, int32_t channels, const RecipeOp *op, const double *mean) {
    if (op->kind == OP_MIX) return add_mix(colours, channels, op, mean);
    if (op->kind == OP_HUE) {
        if (channels == 3) add_hue(colours, op->value);
        return fabs(op->value) < 1 << 20;
    }
    uint8_t table[768];
    memcpy(table, op->table, 768);
    for (int k = 1; op->columns == 1 && k < 3; k++) memcpy(table + 256 * k, table, 256);
    return add_table(colours, channels, table);
}

static void recolour(const Colours *colours, int32_t channels, size_t pixels, uint8_t *out) {
    if (colours->stages && channels == 1) augcli_look_up(out, out, pixels, colours->tables);
    if (colours->stages && channels == 3)
        augcli_colour(out, out, pixels, colours->program, colours->stages, colours->tables);
}

/* Everything else, in place */

static bool gaussian_blur(Levels *levels, const RecipeOp *op, const Source *image, uint8_t *out) {
    double shares[255], total = 0;
    int16_t weights[128];
    const int32_t radius = op->kernel_size / 2;
    if (op->kernel_size < 1 || op->kernel_size > 255) return false;
    for (int32_t k = -radius; k <= radius; k++) {
        const double step = k / op->value;
        shares[radius + k] = exp(-0.5 * (step * step));
        total += shares[radius + k];
    }
    for (int32_t k = 0; k <= 2 * radius; k++) shares[k] = shares[k] / total;
    halved(shares + radius + 1, radius, weights);
    return blur(&levels->line, image, weights, weights, radius, out);
}

static bool add_noise(const RecipeOp *op, const Source *image, uint8_t *out) {
    int32_t shift = 21;
    if (!(op->value >= 0 && op->value <= INT16_MAX && fabs(op->mean) <= 255)) return false;
    while (rint(op->value * (1 << (shift - 12))) > INT16_MAX) shift--;
    const int32_t offset = (int32_t)rint(op->mean * (1 << shift)) + (1 << (shift - 1));
    const int32_t factor = (int32_t)rint(op->value * (1 << (shift - 12)));
    uint8_t seed[8], digest[8];
    uint32_t key[2] = {0};
    for (int i = 0; i < 8; i++) seed[i] = (uint8_t)((uint64_t)op->seed >> 8 * i);
    blake2b_short(seed, sizeof seed, digest, sizeof digest);
    for (int i = 0; i < 8; i++) key[i / 4] |= (uint32_t)digest[i] << 8 * (i % 4);
    key[1] |= 1;
    const size_t values = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    augcli_add_noise(out, out, values, op->per_channel ? 1 : image->channels, key, factor, offset, shift);
    return true;
}

static bool erase(const RecipeOp *op, const Source *image, uint8_t *out) {
    const int32_t channels = image->channels;
    if (op->fill_is_random || op->boxes < 0 || op->boxes > MOST_BOXES) return false;
    if (channels == 1 && (op->fill[0] != op->fill[1] || op->fill[0] != op->fill[2])) return false;
    for (int32_t i = 0; i < op->boxes; i++) {
        const int32_t *box = op->box[i];
        for (int k = 0; k < 4; k++)
            if (box[k] < 0) return false;
        for (int64_t y = box[1]; y < (int64_t)box[1] + box[3] && y < image->height; y++) {
            uint8_t *row = out + (size_t)y * (size_t)image->width * (size_t)channels;
            for (int64_t x = box[0]; x < (int64_t)box[0] + box[2] && x < image->width; x++)
                for (int32_t k = 0; k < channels; k++) row[x * channels + k] = op->fill[k];
        }
    }
    return true;
}

static bool change(Levels *levels, const RecipeOp *op, const Source *image, uint8_t *out) {
    if (op->kind == OP_BLUR) return gaussian_blur(levels, op, image, out);
    if (op->kind == OP_NOISE) return add_noise(op, image, out);
    return op->kind == OP_ERASE && erase(op, image, out);
}

/* The width and height of what ops make of a picture. */
void augcli_size_after(const RecipeOp *ops, int32_t count, Sides *size) {
    for (int32_t at = 0; at < count; at++) *size = size_after(ops + at, *size);
}

/* Ops of which at most the first is a warp. */
static int run_part(Levels *levels, const RecipeOp *ops, int32_t count, uint8_t *out) {
    Reading reading = {.kind = MOVED, .step_x = 1, .step_y = 1, .width = levels->width, .height = levels->height};
    int32_t at = 0;
    if (count && ops[0].kind == OP_WARP) {
        if (prepare_warp(levels, &ops[at++], &reading) != DONE) return DECLINED;
    } else {
        reading.source = at_depth(levels, 0, false);
    }
    const int32_t width = reading.width, height = reading.height, channels = levels->channels;
    const ptrdiff_t line = (ptrdiff_t)width * channels;
    const Source image = {out, line, width, height, channels, CONSTANT, {0}};
    Colours colours;
    double mean[3] = {0};
    bool is_made = false, mean_is_known = false;
    while (!is_made || at < count) {
        if (is_made && !is_recolour(&ops[at])) { /* in place */
            if (!change(levels, &ops[at++], &image, out)) return DECLINED;
            mean_is_known = false;
            continue;
        }
        colours.stages = 0;
        bool waits = false; /* for the mean of what this pass makes */
        for (; at < count && is_recolour(&ops[at]); at++) {
            if (reads_mean(&ops[at]) && !mean_is_known) {
                waits = true;
                break;
            }
            if (!add_stage(&colours, channels, &ops[at], mean)) return DECLINED;
            mean_is_known = false;
        }
        uint64_t sums[3] = {0};
        for (int32_t start = 0; start < height; start += BAND) {
            const int32_t end = start + BAND < height ? start + BAND : height;
            const size_t pixels = (size_t)(end - start) * (size_t)width;
            uint8_t *band = out + start * line;
            if (!is_made) make_band(&reading, start, end, band);
            recolour(&colours, channels, pixels, band);
            if (waits) augcli_add_up(band, pixels, channels, sums);
        }
        const double part = 1 / ((double)width * height);
        for (int k = 0; k < 3; k++) mean[k] = (double)sums[channels == 1 ? 0 : k] * part;
        mean_is_known = waits, is_made = true;
    }
    return DONE;
}

/* Run ops on a picture; `out` has room for what they make, see `augcli_size_after`. Where it is not DONE, Python runs
 * them, and nothing in `out` counts. */
int32_t augcli_run(Levels *levels, const RecipeOp *ops, int32_t count, uint8_t *out) {
    int32_t last = count - 1;
    while (last > 0 && ops[last].kind != OP_WARP) last--;
    if (last <= 0) return run_part(levels, ops, count, out);
    Sides size = {levels->width, levels->height};
    augcli_size_after(ops, last, &size);
    const int32_t channels = levels->channels;
    uint8_t *between = malloc((size_t)size.width * (size_t)size.height * (size_t)channels);
    if (!between) return DECLINED;
    Levels *own = augcli_levels(between, (ptrdiff_t)size.width * channels, size.width, size.height, channels, 1);
    int32_t status = DECLINED;
    if (own && augcli_run(levels, ops, last, between) == DONE) status = run_part(own, ops + last, count - last, out);
    augcli_forget_levels(own);
    free(between);
    return status;
}
