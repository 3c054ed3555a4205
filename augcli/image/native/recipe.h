/* The ops of a compiled recipe: what recipes.c draws and fuses, and program.c runs. The same values as the ops of
 * augcli/image/ops have, field for field. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { OP_WARP, OP_MIX, OP_TABLE, OP_HUE, OP_BLUR, OP_NOISE, OP_ERASE };
enum { NEAREST, BILINEAR, BICUBIC };
enum { CONSTANT, EDGE, SYMMETRIC, REFLECT, WRAP }; /* borders */

/* The weights of luma, in 1/65536. */
enum { LUMA_RED = 19595, LUMA_GREEN = 38470, LUMA_BLUE = 7471 };

#define MOST_OPS 32   /* of one recipe */
#define MOST_BOXES 16 /* of one OP_ERASE */

typedef struct {
    int32_t width, height;
} Sides;

/* Three rows of three numbers. */
typedef struct {
    double a, b, c, d, e, f, g, h, i;
} Matrix;

typedef struct {
    int32_t kind;
    Sides size;                               /* WARP: of what it makes */
    int32_t border, interpolation, antialias; /* WARP: two of the above, 0 or 1 */
    int32_t truncate;                         /* MIX */
    int32_t columns;                          /* TABLE: 1 or 3 */
    int32_t kernel_size, per_channel;         /* BLUR; NOISE */
    int32_t boxes;                            /* ERASE: how many */
    int32_t fill_is_random;                   /* ERASE */
    int64_t seed;                             /* NOISE, ERASE */
    Matrix matrix;                            /* WARP: from output to input; MIX: by_pixel */
    Matrix by_mean;                           /* MIX */
    double constant[3];                       /* MIX */
    double value;                             /* HUE: turns; BLUR: sigma; NOISE: std */
    double mean;                              /* NOISE */
    int32_t box[MOST_BOXES][4];               /* ERASE: left, top, width, height */
    uint8_t fill[4];                          /* WARP: of the border; ERASE */
    uint8_t table[768];                       /* TABLE: column after column, 256 each */
} RecipeOp;

/* As RECIPE_OP of augcli/image/ops/native_run.py has it; elsewhere nothing is built, and the twins do the work. */
_Static_assert(sizeof(RecipeOp) == 1272 && offsetof(RecipeOp, seed) == 48 && offsetof(RecipeOp, matrix) == 56 &&
                   offsetof(RecipeOp, by_mean) == 128 && offsetof(RecipeOp, constant) == 200 &&
                   offsetof(RecipeOp, value) == 224 && offsetof(RecipeOp, box) == 240 &&
                   offsetof(RecipeOp, fill) == 496 && offsetof(RecipeOp, table) == 500,
               "an op lies in memory as Python packs it");

static inline Sides size_after(const RecipeOp *op, Sides size) { return op->kind == OP_WARP ? op->size : size; }
