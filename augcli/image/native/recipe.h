/* The ops of a compiled recipe: what recipes.c draws and fuses, and program.c runs. The same values as the ops of
 * augcli/image/ops have, field for field. */
#include <stdint.h>

enum { OP_WARP, OP_MIX, OP_TABLE, OP_HUE, OP_BLUR, OP_NOISE, OP_ERASE };
enum { NEAREST, BILINEAR, BICUBIC };

#define MOST_OPS 32   /* of one recipe */
#define MOST_BOXES 16 /* of one OP_ERASE */

typedef struct {
    int32_t kind;
    int32_t width, height;                    /* WARP: of what it makes */
    int32_t border, interpolation, antialias; /* WARP: a border of kernels.c, one of the above, 0 or 1 */
    int32_t truncate;                         /* MIX */
    int32_t columns;                          /* TABLE: 1 or 3 */
    int32_t kernel_size, per_channel;         /* BLUR; NOISE */
    int32_t boxes;                            /* ERASE: how many */
    int32_t fill_is_random;                   /* ERASE */
    int64_t seed;                             /* NOISE, ERASE */
    double matrix[9];                         /* WARP: from output to input; MIX: by_pixel */
    double by_mean[9], constant[3];           /* MIX */
    double value;                             /* HUE: turns; BLUR: sigma; NOISE: std */
    double mean;                              /* NOISE */
    int32_t box[MOST_BOXES][4];               /* ERASE: left, top, width, height */
    uint8_t fill[4];                          /* WARP: of the border; ERASE */
    uint8_t table[768];                       /* TABLE: column after column, 256 each */
} RecipeOp;
