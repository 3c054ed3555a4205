/* What the compiled loops share: an image that is read, programs of colours, and the functions of kernels.c that
 * program.c calls on rows. */
#include "recipe.h"

/* What a program of colours is made of: 16 numbers each, the kind first. */
#define STAGE 16
enum { TABLE, MIX, HUE, GREY };

/* Fractional bits of a position between pixels, and of the weights that follow from it. */
#define BITS 14
#define ONE (1 << BITS)

typedef struct {
    const uint8_t *pixels;
    ptrdiff_t stride; /* bytes from row to row */
    int32_t width, height, channels;
    int32_t border; /* one of recipe.h */
    uint8_t fill[3];
} Source;

/* What a warp of `width` columns needs of its matrix: in fixed point, and what each column adds to x, then to y.
 * `columns` is NULL where a place is no such sum. */
typedef struct {
    double matrix[9];
    int32_t *columns;
    int32_t width;
} Motion;

int32_t augcli_reach(int32_t at, int32_t length, int32_t border);
Motion augcli_motion(Matrix matrix, int32_t width, int32_t *columns);
void augcli_warp_rows(const Source *source, const Motion *motion, int32_t start, int32_t end, uint8_t *out);
void augcli_blur_row(const uint8_t **rows, int32_t width, int32_t channels, const int16_t *down, const int16_t *along,
                     int32_t radius, int16_t *line, uint8_t *out);
void augcli_halve_row(const uint8_t *above, const uint8_t *below, int32_t width, int32_t channels, uint8_t *out);
void augcli_add_up(const uint8_t *in, size_t pixels, int32_t channels, uint64_t *sums);
void augcli_look_up(const uint8_t *in, uint8_t *out, size_t values, const uint8_t *lut);
void augcli_add_noise(const uint8_t *in, uint8_t *out, size_t values, int32_t repeat, const uint32_t *key,
                      int32_t factor, int32_t offset, int32_t shift);
void augcli_colour(const uint8_t *in, uint8_t *out, size_t pixels, const int32_t *program, int32_t stages,
                   const uint8_t *tables);
void augcli_average(const uint8_t *in, ptrdiff_t stride, int32_t width, int32_t height, int32_t channels,
                    int32_t wide, int32_t high, uint8_t *out, uint32_t *sums);
