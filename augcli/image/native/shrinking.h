/* What augcli/image/matrices.py tells of matrices, in the same steps: only so a warp has the same bytes. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define TINY 1e-6 /* pixels */

/* Python's `max` and `min` of two numbers. */
static inline double larger(double one, double other) { return other > one ? other : one; }
static inline double smaller(double one, double other) { return other < one ? other : one; }

static bool is_affine(const double *m) { return m[6] == 0 && m[7] == 0 && m[8] == 1; }

/* Let `second` do what `first` does, then what itself does. */
static void follow(const double *first, double *second) {
    double product[9];
    const double *p = second;
    for (int row = 0; row < 9; row += 3) {
        const double a = first[row], b = first[row + 1], c = first[row + 2];
        for (int column = 0; column < 3; column++)
            product[row + column] = a * p[column] + b * p[3 + column] + c * p[6 + column];
    }
    if (is_affine(first) && is_affine(second)) {
        for (int row = 0; row < 6; row += 3) {
            const double a = first[row], b = first[row + 1], c = first[row + 2];
            product[row] = a * p[0] + b * p[3];
            product[row + 1] = a * p[1] + b * p[4];
            product[row + 2] = a * p[2] + b * p[5] + c;
        }
        memcpy(product + 6, (const double[3]){0, 0, 1}, 3 * sizeof *product);
    }
    memcpy(second, product, sizeof product);
}

static void scale(double *m, double x, double y) { follow((const double[9]){x, 0, 0, 0, y, 0, 0, 0, 1}, m); }

static void shift(double *m, double x, double y) { follow((const double[9]){1, 0, x, 0, 1, y, 0, 0, 1}, m); }

static void to_index(double *m) {
    if (is_affine(m)) {
        m[2] = (m[0] + m[1] - 1) / 2 + m[2];
        m[5] = (m[3] + m[4] - 1) / 2 + m[5];
        return;
    }
    shift(m, -0.5, -0.5);
    double behind[9] = {1, 0, 0.5, 0, 1, 0.5, 0, 0, 1};
    follow(m, behind);
    memcpy(m, behind, sizeof behind);
}

static bool moves_whole_pixels(const double *m) {
    if (!is_affine(m)) return false;
    const bool is_turned = fabs(m[0]) < 0.5;
    const double x = is_turned ? m[1] : m[0], y = is_turned ? m[3] : m[4];
    const double other = is_turned ? fmax(fabs(m[0]), fabs(m[4])) : fmax(fabs(m[1]), fabs(m[3]));
    if (fmax(fmax(fabs(fabs(x) - 1), fabs(fabs(y) - 1)), other) > TINY) return false;
    const double right = m[2] + (m[0] + m[1] - 1) / 2, down = m[5] + (m[3] + m[4] - 1) / 2;
    return fabs(right - rint(right)) <= TINY && fabs(down - rint(down)) <= TINY;
}

static bool is_axis_aligned(const double *m) { return is_affine(m) && fabs(m[1]) < TINY && fabs(m[3]) < TINY; }

typedef struct {
    double left, top, right, bottom;
} Bounds;

static Bounds read_box(const double *m, int32_t width, int32_t height) {
    if (is_affine(m)) {
        const double right = m[0] * width, down = m[1] * height, across = m[3] * width, below = m[4] * height;
        const double left = m[2] + smaller(right, 0) + smaller(down, 0), top = m[5] + smaller(across, 0) + smaller(below, 0);
        return (Bounds){left, top, left + fabs(right) + fabs(down), top + fabs(across) + fabs(below)};
    }
    Bounds box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int corner = 0; corner < 4; corner++) {
        const double x = corner & 1 ? width : 0, y = corner & 2 ? height : 0;
        const double depth = m[6] * x + m[7] * y + m[8];
        if (depth <= TINY) return (Bounds){-INFINITY, -INFINITY, INFINITY, INFINITY};
        const double u = (m[0] * x + m[1] * y + m[2]) / depth, v = (m[3] * x + m[4] * y + m[5]) / depth;
        box = (Bounds){smaller(box.left, u), smaller(box.top, v), larger(box.right, u), larger(box.bottom, v)};
    }
    return box;
}

static bool lies_inside(Bounds box, int32_t width, int32_t height) {
    return box.left >= -TINY && box.top >= -TINY && box.right <= width + TINY && box.bottom <= height + TINY;
}

static void shrink_factors(const double *m, int32_t width, int32_t height, double *shrinks) {
    const double points[5][2] = {{width / 2.0, height / 2.0}, {0, 0}, {width, 0}, {width, height}, {0, height}};
    double best_x = INFINITY, best_y = INFINITY;
    for (int i = 0; i < (is_affine(m) ? 1 : 5); i++) {
        const double x = points[i][0], y = points[i][1], depth = m[6] * x + m[7] * y + m[8];
        if (depth <= TINY) {
            shrinks[0] = shrinks[1] = 1;
            return;
        }
        const double u = (m[0] * x + m[1] * y + m[2]) / depth, v = (m[3] * x + m[4] * y + m[5]) / depth;
        const double xx = (m[0] - u * m[6]) / depth, xy = (m[1] - u * m[7]) / depth;
        const double yx = (m[3] - v * m[6]) / depth, yy = (m[4] - v * m[7]) / depth;
        double along_x = sqrt(xx * xx + xy * xy), along_y = sqrt(yx * yx + yy * yy);
        const double squares = along_x * along_x + along_y * along_y, area = xx * yy - xy * yx;
        const double least =
            sqrt(larger(0, (squares - sqrt(larger(0, squares * squares - 4 * (area * area)))) / 2));
        if (least < 0.95 * smaller(along_x, along_y)) along_x = along_y = least;
        best_x = smaller(best_x, along_x), best_y = smaller(best_y, along_y);
    }
    shrinks[0] = best_x, shrinks[1] = best_y;
}
