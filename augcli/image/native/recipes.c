/* Recipes of all copies of a source: what is drawn for each, its entry in the manifest, and the fused ops.
 *
 * The twin is `recipe` in augcli/plan/recipes.py, which gives the same to the bit. A pipeline comes as numbers, which
 * augcli/plan/compiled_recipes.py makes: a row of steps, each before those that are inside it. Where Python's way must
 * be taken for a copy, which takes everything and has words for what goes wrong, it is marked so.
 */
#include "recipe.h"

/* The kinds of groups; those of transforms follow, in the order of TRANSFORMS. */
enum { ONE_OF, SOME_OF, SEQUENCE, RANDOM_ORDER, GROUPS };
#define MOST_INSIDE 64 /* steps of a group */

typedef struct {
    double p, weight;
    int32_t kind;
    int32_t next;                /* the step behind it and all that is inside it */
    int32_t numbers;             /* where its settings begin */
    int32_t name, name_length;   /* in `names` */
    int32_t entry, entry_length; /* in `names`: how its entry in the manifest begins */
} Step;

typedef struct {
    const Step *steps;
    const double *numbers;
    const uint8_t *names;
    double most_pixels;
    int32_t count, longest_side;
    int32_t fusion; /* OFF, EXACT or FULL */
} Pipeline;

/* What was made of a copy; its text and ops end there, where those of the next begin. */
typedef struct {
    int32_t is_left; /* to Python */
    int32_t width, height, ops_end;
    int64_t text_end;
} Made;

/* As _STEP, _PIPELINE and _MADE of augcli/plan/compiled_recipes.py have them. */
_Static_assert(sizeof(Step) == 48 && offsetof(Step, kind) == 16, "a step lies in memory as Python packs it");
_Static_assert(sizeof(Made) == 24 && offsetof(Made, text_end) == 16, "what was made lies in memory as Python reads it");

#ifdef __SIZEOF_INT128__
#include "draws.h"
#include "fusion.h"

_Static_assert(sizeof(Pipeline) == 48 && offsetof(Pipeline, most_pixels) == 24 && offsetof(Pipeline, count) == 32,
               "a pipeline lies in memory as Python packs it");

typedef struct {
    const Pipeline *pipeline;
    Blake2b copy;
    Stream stream; /* of the step at hand */
    Sides first, size;
    Ops ops;
    int32_t room_for_ops;
    char *text, *text_end;
    int is_left, is_short; /* to Python; of room */
} Making;

/* What is told of a draw */

static char *told(Making *making, size_t length) {
    if ((size_t)(making->text_end - making->text) < length) {
        making->is_short = 1;
        return NULL;
    }
    making->text += length;
    return making->text - length;
}

static void tell(Making *making, const void *text, size_t length) {
    char *at = told(making, length);
    if (at) memcpy(at, text, length);
}

static void tell_text(Making *making, const char *text) { tell(making, text, strlen(text)); }

static void tell_key(Making *making, const char *key) {
    tell_text(making, ", \"");
    tell_text(making, key);
    tell_text(making, "\": ");
}

static void tell_number(Making *making, double value) {
    char digits[LONGEST_NUMBER], *end = put_number(digits, value);
    if (end)
        tell(making, digits, (size_t)(end - digits));
    else
        making->is_left = 1;
}

static void tell_whole(Making *making, int64_t value) {
    char digits[LONGEST_NUMBER];
    tell(making, digits, (size_t)(put_whole(digits, value) - digits));
}

static void number_field(Making *making, const char *key, double value) {
    tell_key(making, key);
    tell_number(making, value);
}

static void whole_field(Making *making, const char *key, int64_t value) {
    tell_key(making, key);
    tell_whole(making, value);
}

static void box_fields(Making *making, const int64_t *box) {
    const char *keys[4] = {"left", "top", "width", "height"};
    for (int i = 0; i < 4; i++) whole_field(making, keys[i], box[i]);
}

/* Ops */

static RecipeOp *next_op(Making *making, int kind) {
    if (making->ops.count == making->room_for_ops) {
        if (making->room_for_ops < MOST_OPS)
            making->is_short = 1;
        else
            making->is_left = 1;
        making->ops.count = 0;
    }
    RecipeOp *op = making->ops.op + making->ops.count;
    op->kind = kind;
    return op;
}

typedef struct {
    int32_t border;
    uint8_t fill[3];
} Border;

static const Border BLACK = {CONSTANT, {0, 0, 0}}, EDGES = {EDGE, {0, 0, 0}};

/* A border and an interpolation, as settings. */
static Border border_of(const double *set) {
    return (Border){(int32_t)set[0], {(uint8_t)set[1], (uint8_t)set[2], (uint8_t)set[3]}};
}

static void warp(Making *making, Matrix matrix, Sides size, Border border, int interpolation, int antialias) {
    RecipeOp *op = next_op(making, OP_WARP);
    if (!is_finite(matrix)) making->is_left = 1;
    op->matrix = matrix, op->size = size;
    op->border = border.border, op->interpolation = interpolation, op->antialias = antialias;
    memcpy(op->fill, border.fill, 3), op->fill[3] = 0;
    take_op(&making->ops, making->first, making->pipeline->fusion);
    making->size = size;
}

static const double NONE[3] = {0, 0, 0};

static void mix(Making *making, Matrix by_pixel, Matrix by_mean, const double *constant, int truncate) {
    RecipeOp *op = next_op(making, OP_MIX);
    op->matrix = by_pixel, op->by_mean = by_mean;
    memcpy(op->constant, constant, sizeof op->constant);
    op->truncate = truncate;
    take_op(&making->ops, making->first, making->pipeline->fusion);
}

static void turn_hue(Making *making, double turns) {
    next_op(making, OP_HUE)->value = turns;
    take_op(&making->ops, making->first, making->pipeline->fusion);
}

static void multiply(Making *making, double factor) { mix(making, times(EYE, factor), ZERO, NONE, 1); }

static void spread(Making *making, double factor, Matrix means) {
    mix(making, times(EYE, factor), times(means, 1 - factor), NONE, 0);
}

static void purify(Making *making, double factor) {
    mix(making, plus(times(EYE, factor), times(LUMAS, 1 - factor)), ZERO, NONE, 0);
}

/* Round as Python does, to the even neighbour. */
static int32_t whole(Making *making, double value) {
    if (fabs(value) < 1e9) return (int32_t)nearbyint(value);
    making->is_left = 1;
    return 0;
}

/* Transforms. Each gets its settings as `NUMBERS` of compiled_recipes.py gives them, and draws, tells and lowers;
 * it tells whether there is anything to do. */

static int horizontal_flip(Making *making, const double *set) {
    (void)set;
    warp(making, about_centre(scaling(-1, 1), making->size), making->size, BLACK, BILINEAR, 0);
    return 1;
}

static int vertical_flip(Making *making, const double *set) {
    (void)set;
    warp(making, about_centre(scaling(1, -1), making->size), making->size, BLACK, BILINEAR, 0);
    return 1;
}

static int rotate(Making *making, const double *set) {
    double degrees = uniform(&making->stream, set);
    number_field(making, "degrees", degrees);
    Matrix back = about_centre(rotation(-degrees), making->size);
    warp(making, back, making->size, border_of(set + 2), (int)set[6], 0);
    return 1;
}

static int affine(Making *making, const double *set) {
    Sides size = making->size;
    double degrees = uniform(&making->stream, set);
    int32_t x = whole(making, uniform(&making->stream, set + 2) * size.width);
    int32_t y = whole(making, uniform(&making->stream, set + 4) * size.height);
    double scale = uniform(&making->stream, set + 6), shear_x = uniform(&making->stream, set + 8);
    double shear_y = uniform(&making->stream, set + 10), scale_y = scale;
    if (set[12]) scale_y = uniform(&making->stream, set + 13);
    number_field(making, "degrees", degrees);
    whole_field(making, "x", x);
    whole_field(making, "y", y);
    number_field(making, "scale", scale);
    number_field(making, "shear_x", shear_x);
    number_field(making, "shear_y", shear_y);
    if (set[12]) number_field(making, "scale_y", scale_y);
    Matrix scaled = scaling(scale, scale_y), turn = rotation(degrees), slant = shearing(shear_x, shear_y);
    Matrix motion = set[15] ? product(product(slant, turn), scaled) : product(product(turn, scaled), slant);
    Matrix forward = product(translation(x, y), about_centre(motion, size));
    warp(making, inverse(forward), size, border_of(set + 16), (int)set[20], 0);
    return 1;
}

static int perspective(Making *making, const double *set) {
    Sides size = making->size;
    int is_inward = set[0] != 0;
    double width = size.width - is_inward, height = size.height - is_inward; /* torchvision counts corners as pixels */
    Quad quad, whole_image = {{0, 0}, {width, 0}, {width, height}, {0, height}};
    if (is_inward) {
        double distortion = uniform(&making->stream, set + 1);
        int64_t reach_x = (int64_t)(distortion * (size.width / 2)), reach_y = (int64_t)(distortion * (size.height / 2));
        for (int i = 0; i < 4; i++) {
            quad[i][0] = (double)integer(&making->stream, 0, reach_x);
            quad[i][1] = (double)integer(&making->stream, 0, reach_y);
        }
    } else {
        double std = uniform(&making->stream, set + 1), jitters[8];
        for (int i = 0; i < 8; i++) jitters[i] = fmod(fabs(normal_number(&making->stream)) * std, 0.32);
        for (int i = 0; i < 8; i++)
            quad[i / 2][i % 2] = in_6_digits(&making->stream, jitters[i] * (i % 2 ? size.height : size.width));
    }
    for (int i = 0; i < 4; i++) {
        if (i == 1 || i == 2) quad[i][0] = width - quad[i][0];
        if (i >= 2) quad[i][1] = height - quad[i][1];
    }
    if (!is_convex((const double(*)[2])quad)) return 0;
    tell_key(making, "corners");
    for (int i = 0; i < 8; i++) {
        tell_text(making, i == 0 ? "[[" : i % 2 ? ", " : "], [");
        if (is_inward)
            tell_whole(making, (int64_t)quad[i / 2][i % 2]);
        else
            tell_number(making, quad[i / 2][i % 2]);
    }
    tell_text(making, "]]");
    const double(*corners)[2] = (const double(*)[2])quad, (*all)[2] = (const double(*)[2])whole_image;
    Matrix back = is_inward ? quad_to_quad(corners, all) : quad_to_quad(all, corners);
    warp(making, back, size, border_of(set + 3), (int)set[7], 0);
    return 1;
}

static int random_resized_crop(Making *making, const double *set) {
    Sides size = making->size, target = {(int32_t)set[1], (int32_t)set[0]};
    const double *scale = set + 2, *ratio = set + 4;
    int64_t box[4];
    int is_found = 0;
    for (int i = 0; i < 10 && !is_found; i++) {
        double area = (double)((int64_t)size.width * size.height) * uniform(&making->stream, scale);
        double shape = log_uniform(&making->stream, ratio);
        int32_t width = whole(making, sqrt(area * shape)), height = whole(making, sqrt(area / shape));
        if (!(0 < width && width <= size.width && 0 < height && height <= size.height)) continue;
        box[0] = integer(&making->stream, 0, size.width - width);
        box[1] = integer(&making->stream, 0, size.height - height);
        box[2] = width, box[3] = height, is_found = 1;
    }
    if (!is_found) { /* the largest in the middle */
        int32_t width = whole(making, size.height * ratio[1]), height = whole(making, size.width / ratio[0]);
        width = width < 1 ? 1 : width, height = height < 1 ? 1 : height;
        width = width < size.width ? width : size.width, height = height < size.height ? height : size.height;
        box[0] = (size.width - width) / 2, box[1] = (size.height - height) / 2, box[2] = width, box[3] = height;
    }
    box_fields(making, box);
    Sides cut = {(int32_t)box[2], (int32_t)box[3]};
    warp(making, translation((double)box[0], (double)box[1]), cut, EDGES, (int)set[6], 0);
    warp(making, scaled_to(cut, target), target, EDGES, (int)set[6], 1);
    return 1;
}

static int color_jitter(Making *making, const double *set) {
    const char *keys[4] = {"brightness", "contrast", "saturation", "hue"};
    int drawn[4], places[4], count = 0;
    double values[4];
    for (int i = 0; i < 4; i++) {
        double neutral = i < 3;
        if (set[2 * i] == neutral && set[2 * i + 1] == neutral) continue;
        values[i] = uniform(&making->stream, set + 2 * i);
        drawn[count++] = i;
    }
    if (!count) return 0;
    order(&making->stream, places, count);
    tell_key(making, "order");
    for (int i = 0; i < count; i++) {
        tell_text(making, i ? ", \"" : "[\"");
        tell_text(making, keys[drawn[places[i]]]);
        tell_text(making, "\"");
    }
    tell_text(making, "]");
    for (int i = 0; i < count; i++) number_field(making, keys[drawn[i]], values[drawn[i]]);
    for (int i = 0; i < count; i++) {
        int which = drawn[places[i]];
        if (which == 0) multiply(making, values[0]);
        if (which == 1) spread(making, values[1], LUMAS);
        if (which == 2) purify(making, values[2]);
        if (which == 3) turn_hue(making, values[3]);
    }
    return 1;
}

static int brightness(Making *making, const double *set) {
    double value = uniform(&making->stream, set + 1);
    number_field(making, set[0] ? "delta" : "factor", value);
    const double levels[3] = {255 * value, 255 * value, 255 * value};
    if (set[0])
        mix(making, EYE, ZERO, levels, 0);
    else
        multiply(making, value);
    return 1;
}

static int contrast(Making *making, const double *set) {
    double factor = uniform(&making->stream, set + 1);
    number_field(making, "factor", factor);
    spread(making, factor, set[0] == 0 ? LUMAS : set[0] == 1 ? EYE : ZERO);
    return 1;
}

static int saturation(Making *making, const double *set) {
    double factor = uniform(&making->stream, set);
    number_field(making, "factor", factor);
    purify(making, factor);
    return 1;
}

static int hue(Making *making, const double *set) {
    double turns = uniform(&making->stream, set);
    number_field(making, "turns", turns);
    turn_hue(making, turns);
    return 1;
}

static int adjust_gamma(Making *making, const double *set) {
    double exponent = uniform(&making->stream, set);
    number_field(making, "gamma", exponent);
    RecipeOp *op = next_op(making, OP_TABLE);
    op->columns = 1;
    for (int level = 0; level < 256; level++) op->table[level] = (uint8_t)(255.999 * pow(level / 255.0, exponent));
    take_op(&making->ops, making->first, making->pipeline->fusion);
    return 1;
}

static int gaussian_blur(Making *making, const double *set) {
    int64_t size = 2 * integer(&making->stream, (int64_t)set[0] / 2, (int64_t)set[1] / 2) + 1;
    double sigma = uniform(&making->stream, set + 2);
    whole_field(making, "kernel_size", size);
    number_field(making, "sigma", sigma);
    RecipeOp *op = next_op(making, OP_BLUR);
    op->kernel_size = (int32_t)size, op->value = sigma;
    take_op(&making->ops, making->first, making->pipeline->fusion);
    return 1;
}

static int gauss_noise(Making *making, const double *set) {
    double mean = uniform(&making->stream, set), std = uniform(&making->stream, set + 2);
    int64_t grown_from = seed(&making->stream);
    number_field(making, "mean", mean);
    number_field(making, "std", std);
    whole_field(making, "seed", grown_from);
    RecipeOp *op = next_op(making, OP_NOISE);
    op->mean = 255 * mean, op->value = 255 * std, op->per_channel = set[4] != 0, op->seed = grown_from;
    take_op(&making->ops, making->first, making->pipeline->fusion);
    return 1;
}

static int resize(Making *making, const double *set) {
    Sides size = making->size;
    double side = set[1], most = set[2];
    int32_t width = (int32_t)set[1], height = (int32_t)set[0];
    if (set[3]) { /* the shorter side is given; torchvision's rule: the longer one is floored */
        double shorter = lesser(size.width, size.height), longer = greater(size.width, size.height);
        double new_longer = trunc(side * longer / shorter);
        if (most && new_longer > most) side = trunc(most * side / new_longer), new_longer = most;
        side = greater(side, 1);
        if (new_longer > 1e9) making->is_left = 1, new_longer = 1;
        width = (int32_t)(size.width <= size.height ? side : new_longer);
        height = (int32_t)(size.width <= size.height ? new_longer : side);
    }
    whole_field(making, "width", width);
    whole_field(making, "height", height);
    Sides target = {width, height};
    warp(making, scaled_to(size, target), target, EDGES, (int)set[4], 1);
    return 1;
}

static int crop(Making *making, const int64_t *box, const double *border) {
    box_fields(making, box);
    Sides cut = {(int32_t)box[2], (int32_t)box[3]};
    warp(making, translation((double)box[0], (double)box[1]), cut, border_of(border), BILINEAR, 0);
    return 1;
}

static int32_t centred(int32_t side, int32_t wanted) {
    if (side < wanted) return -((wanted - side) / 2);
    return (int32_t)nearbyint((side - wanted) / 2.0);
}

static int center_crop(Making *making, const double *set) {
    int32_t width = (int32_t)set[1], height = (int32_t)set[0];
    int64_t box[4] = {centred(making->size.width, width), centred(making->size.height, height), width, height};
    return crop(making, box, set + 2);
}

static int random_crop(Making *making, const double *set) {
    const int32_t sides[2] = {making->size.width, making->size.height};
    int64_t box[4];
    for (int axis = 0; axis < 2; axis++) {
        int64_t wanted = (int64_t)set[1 - axis], before = (int64_t)set[2 + axis], after = (int64_t)set[4 + axis];
        int64_t lacking = wanted - (sides[axis] + before + after);
        if (lacking > 0 && !set[6]) making->is_left = 1;
        lacking = lacking > 0 ? lacking : 0;
        int64_t low = -before - lacking, high = sides[axis] + after + lacking - wanted;
        box[axis] = integer(&making->stream, low, high > low ? high : low);
        box[2 + axis] = wanted;
    }
    return crop(making, box, set + 7);
}

/* Paint over boxes; `fill` begins with 1 for noise, which has a seed. */
static void erase(Making *making, int64_t boxes[][4], int count, const double *fill) {
    int64_t grown_from = fill[0] ? seed(&making->stream) : 0;
    if (fill[0]) whole_field(making, "seed", grown_from);
    RecipeOp *op = next_op(making, OP_ERASE);
    op->boxes = count, op->seed = grown_from, op->fill_is_random = fill[0] != 0;
    for (int i = 0; i < 4 * count; i++) op->box[i / 4][i % 4] = (int32_t)boxes[i / 4][i % 4];
    for (int i = 0; i < 4; i++) op->fill[i] = i < 3 ? (uint8_t)fill[1 + i] : 0;
    take_op(&making->ops, making->first, making->pipeline->fusion);
}

/* Draw a box up to ten times until its sides are below those of the image; tell whether there is one. */
static int tried_box(Making *making, const double *scale, const double *ratio, int32_t *width, int32_t *height) {
    Sides size = making->size;
    for (int i = 0; i < 10; i++) {
        double area = (double)((int64_t)size.width * size.height) * uniform(&making->stream, scale);
        double tall = log_uniform(&making->stream, ratio);
        *height = whole(making, sqrt(area * tall)), *width = whole(making, sqrt(area / tall));
        if (0 < *height && *height < size.height && 0 < *width && *width < size.width) return 1;
    }
    return 0;
}

/* Draw an area that fits at every ratio, then the ratio; tell whether there is such a box. */
static int fitted_box(Making *making, const double *scale, const double *ratio, int32_t *width, int32_t *height) {
    double wide = making->size.width, high = making->size.height, narrow = 1 / ratio[1], flat = 1 / ratio[0];
    double least = wide * high * scale[0];
    double most = lesser(lesser(wide * high * scale[1], high * high * narrow), wide * wide / flat);
    if (most < least) return 0;
    const double areas[2] = {least, most};
    double area = uniform(&making->stream, areas);
    const double ratios[2] = {greater(narrow, area / (high * high)), lesser(flat, wide * wide / area)};
    double across = uniform(&making->stream, ratios);
    *width = whole(making, sqrt(area * across)), *height = whole(making, sqrt(area / across));
    return *width && *height;
}

static int random_erasing(Making *making, const double *set) {
    int32_t width, height;
    int64_t box[1][4];
    if (!(set[0] ? fitted_box : tried_box)(making, set + 1, set + 3, &width, &height)) return 0;
    box[0][1] = integer(&making->stream, 0, making->size.height - height);
    box[0][0] = integer(&making->stream, 0, making->size.width - width);
    box[0][2] = width, box[0][3] = height;
    box_fields(making, box[0]);
    erase(making, box, 1, set + 5);
    return 1;
}

/* Draw a length in pixels, or as a share of the side where the upper end is below 1. */
static int64_t random_length(Making *making, const double *range, int32_t side) {
    const double ends[2] = {lesser(range[0], side), lesser(range[1], side)};
    if (ends[1] < 1) return (int64_t)(side * uniform(&making->stream, ends));
    double most = floor(ends[1]), least = lesser(ceil(ends[0]), most);
    return integer(&making->stream, (int64_t)least, (int64_t)most);
}

static int coarse_dropout(Making *making, const double *set) {
    Sides size = making->size;
    int64_t boxes[MOST_BOXES][4], wanted = integer(&making->stream, (int64_t)set[0], (int64_t)set[1]);
    int count = 0;
    for (int64_t i = 0; i < wanted; i++) {
        int64_t height = random_length(making, set + 2, size.height), width = random_length(making, set + 4, size.width);
        int64_t left = integer(&making->stream, 0, size.width - width);
        int64_t top = integer(&making->stream, 0, size.height - height);
        if (!height || !width) continue;
        if (count == MOST_BOXES) {
            making->is_left = 1;
            break;
        }
        boxes[count][0] = left, boxes[count][1] = top, boxes[count][2] = width, boxes[count++][3] = height;
    }
    if (!count) return 0;
    tell_key(making, "holes");
    for (int i = 0; i < 4 * count; i++) {
        tell_text(making, i == 0 ? "[[" : i % 4 ? ", " : "], [");
        tell_whole(making, boxes[i / 4][i % 4]);
    }
    tell_text(making, "]]");
    erase(making, boxes, count, set + 6);
    return 1;
}

static int rgb_shift(Making *making, const double *set) {
    const char *keys[3] = {"red", "green", "blue"};
    double levels[3];
    for (int i = 0; i < 3; i++) levels[i] = uniform(&making->stream, set + 2 * i);
    for (int i = 0; i < 3; i++) number_field(making, keys[i], levels[i]);
    mix(making, EYE, ZERO, levels, 0);
    return 1;
}

static int grayscale(Making *making, const double *set) {
    (void)set;
    mix(making, LUMAS, ZERO, NONE, 0);
    return 1;
}

/* As the kinds are numbered: the order of `NUMBERS` of compiled_recipes.py, behind the groups. */
static int (*const TRANSFORMS[])(Making *, const double *) = {
    horizontal_flip, vertical_flip, rotate,       affine,        perspective,    random_resized_crop, color_jitter,
    brightness,      contrast,      saturation,   hue,           adjust_gamma,   gaussian_blur,       gauss_noise,
    resize,          center_crop,   random_crop,  random_erasing, coarse_dropout, rgb_shift,           grayscale,
};

/* Steps */

static void apply(Making *making, const Step *step) {
    const Pipeline *pipeline = making->pipeline;
    char *before = making->text;
    tell_text(making, before[-1] == '[' ? "" : ", ");
    tell(making, pipeline->names + step->entry, (size_t)step->entry_length);
    if (!TRANSFORMS[step->kind - GROUPS](making, pipeline->numbers + step->numbers)) {
        making->text = before;
        return;
    }
    tell_text(making, "}");
    int32_t width = making->size.width, height = making->size.height;
    if (width < 1 || height < 1 || width > pipeline->longest_side || height > pipeline->longest_side) making->is_left = 1;
    if ((double)width * height > pipeline->most_pixels) making->is_left = 1;
}

static void add(Making *making, int32_t at);

/* Apply some of the steps inside a group, whose stream is at hand. */
static void add_chosen(Making *making, int32_t at) {
    const Step *steps = making->pipeline->steps, *group = steps + at;
    const double *set = making->pipeline->numbers + group->numbers;
    int inside[MOST_INSIDE], chosen[MOST_INSIDE], count = 0, some = 0;
    double weights[MOST_INSIDE];
    for (int32_t one = at + 1; one < group->next; one = steps[one].next) {
        inside[count] = one, weights[count] = steps[one].weight;
        some += weights[count++] > 0;
    }
    int taken = count;
    for (int i = 0; i < count; i++) chosen[i] = i;
    if (group->kind == RANDOM_ORDER) order(&making->stream, chosen, count);
    if (group->kind == ONE_OF) {
        taken = some > 0;
        if (some) chosen[0] = index_of(&making->stream, weights, count);
    }
    if (group->kind == SOME_OF) {
        int64_t wanted = integer(&making->stream, (int64_t)set[0], (int64_t)set[1]);
        taken = wanted < some ? (int)wanted : some;
        for (int i = 0; i < taken; i++) {
            chosen[i] = index_of(&making->stream, weights, count);
            weights[chosen[i]] = 0;
        }
        for (int i = 1; i < taken && !set[2]; i++) /* sorted */
            for (int k = i; k > 0 && chosen[k - 1] > chosen[k]; k--) {
                int other = chosen[k];
                chosen[k] = chosen[k - 1], chosen[k - 1] = other;
            }
    }
    making->is_left |= making->stream.failed;
    for (int i = 0; i < taken; i++) add(making, inside[chosen[i]]);
}

static void add(Making *making, int32_t at) {
    const Step *step = making->pipeline->steps + at;
    stream_begin(&making->stream, &making->copy, making->pipeline->names + step->name, (uint32_t)step->name_length);
    if (making->is_left || making->is_short || !happens(&making->stream, step->p)) return;
    if (step->kind < GROUPS) {
        add_chosen(making, at);
        return;
    }
    apply(making, step);
    making->is_left |= making->stream.failed;
}

/* Give what is made of `count` copies of a source of a size: in `made` what each has of `text` and `ops`, up to where.
 *
 * `root` is what the keys of all copies begin with. Return how many copies there was room for. */
int32_t augcli_recipes(const Pipeline *pipeline, const uint8_t *root, size_t root_length, const int64_t *copies,
                       int32_t count, int32_t width, int32_t height, Made *made, char *text, size_t text_room,
                       RecipeOp *ops, int32_t ops_room) {
    Blake2b source;
    Making making;
    int32_t used = 0;
    making.pipeline = pipeline;
    making.text = text, making.text_end = text + text_room;
    blake2b_begin(&source, 32, 0);
    blake2b_take(&source, root, root_length);
    for (int32_t i = 0; i < count; i++) {
        char number[LONGEST_NUMBER];
        making.copy = source;
        take_part(&making.copy, number, (uint32_t)(put_whole(number, copies[i]) - number));
        making.first = making.size = (Sides){width, height};
        making.ops.op = ops + used, making.ops.count = 0;
        making.room_for_ops = ops_room - used < MOST_OPS ? ops_room - used : MOST_OPS;
        making.is_left = making.is_short = 0;
        if (making.room_for_ops < 1) return i;
        char *start = making.text;
        tell_text(&making, "[");
        for (int32_t at = 0; at < pipeline->count && !making.is_short; at = pipeline->steps[at].next) add(&making, at);
        tell_text(&making, "]");
        if (making.is_short) return i;
        finish_ops(&making.ops, making.first, pipeline->fusion);
        if (making.is_left) making.text = start, making.ops.count = 0;
        used += making.ops.count;
        made[i] = (Made){making.is_left, making.size.width, making.size.height, used, making.text - text};
    }
    return count;
}
#else
int32_t augcli_recipes(const Pipeline *pipeline, const uint8_t *root, size_t root_length, const int64_t *copies,
                       int32_t count, int32_t width, int32_t height, Made *made, char *text, size_t text_room,
                       RecipeOp *ops, int32_t ops_room) {
    (void)pipeline, (void)root, (void)root_length, (void)copies, (void)text, (void)text_room, (void)ops, (void)ops_room;
    for (int32_t i = 0; i < count; i++) made[i] = (Made){1, width, height, 0, 0}; /* exact decimals take 128 bits */
    return count;
}
#endif
