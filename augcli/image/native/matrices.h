/* What augcli/image/matrices.py and the matrices of arrays.py tell, in the same steps: numbers are the same to the bit. */
#pragma once
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "recipe.h"

#define PI 3.14159265358979323846
#define TINY 1e-6 /* pixels */

static const Matrix EYE = {1, 0, 0, 0, 1, 0, 0, 0, 1}, ZERO = {0, 0, 0, 0, 0, 0, 0, 0, 0};

/* Python's `min` and `max` of two numbers. */
static inline double lesser(double one, double other) { return other < one ? other : one; }
static inline double greater(double one, double other) { return other > one ? other : one; }

static inline bool is_affine(Matrix m) { return m.g == 0 && m.h == 0 && m.i == 1; }

/* What `n` does, then what `m` does. */
static inline Matrix product(Matrix m, Matrix n) {
    if (is_affine(m) && is_affine(n))
        return (Matrix){m.a * n.a + m.b * n.d, m.a * n.b + m.b * n.e, m.a * n.c + m.b * n.f + m.c,
                        m.d * n.a + m.e * n.d, m.d * n.b + m.e * n.e, m.d * n.c + m.e * n.f + m.f,
                        0,                     0,                     1};
    return (Matrix){m.a * n.a + m.b * n.d + m.c * n.g, m.a * n.b + m.b * n.e + m.c * n.h,
                    m.a * n.c + m.b * n.f + m.c * n.i, m.d * n.a + m.e * n.d + m.f * n.g,
                    m.d * n.b + m.e * n.e + m.f * n.h, m.d * n.c + m.e * n.f + m.f * n.i,
                    m.g * n.a + m.h * n.d + m.i * n.g, m.g * n.b + m.h * n.e + m.i * n.h,
                    m.g * n.c + m.h * n.f + m.i * n.i};
}

static inline Matrix times(Matrix m, double factor) {
    return (Matrix){factor * m.a, factor * m.b, factor * m.c, factor * m.d, factor * m.e,
                    factor * m.f, factor * m.g, factor * m.h, factor * m.i};
}

static inline Matrix plus(Matrix m, Matrix n) {
    return (Matrix){m.a + n.a, m.b + n.b, m.c + n.c, m.d + n.d, m.e + n.e,
                    m.f + n.f, m.g + n.g, m.h + n.h, m.i + n.i};
}

static inline bool is_zero(Matrix m) {
    return m.a == 0 && m.b == 0 && m.c == 0 && m.d == 0 && m.e == 0 && m.f == 0 && m.g == 0 && m.h == 0 && m.i == 0;
}

static inline double greatest(Matrix m) {
    const double numbers[9] = {m.a, m.b, m.c, m.d, m.e, m.f, m.g, m.h, m.i};
    double most = 0;
    for (int i = 0; i < 9; i++) most = greater(most, fabs(numbers[i]));
    return most;
}

static inline bool is_finite(Matrix m) {
    return isfinite(m.a) && isfinite(m.b) && isfinite(m.c) && isfinite(m.d) && isfinite(m.e) && isfinite(m.f) &&
           isfinite(m.g) && isfinite(m.h) && isfinite(m.i);
}

/* Multiply a column vector; `out` may be where it is. */
static inline void on_vector(Matrix m, const double *vector, double *out) {
    const double x = vector[0], y = vector[1], z = vector[2];
    out[0] = m.a * x + m.b * y + m.c * z;
    out[1] = m.d * x + m.e * y + m.f * z;
    out[2] = m.g * x + m.h * y + m.i * z;
}

static inline bool is_none(const double *vector) { return vector[0] == 0 && vector[1] == 0 && vector[2] == 0; }

/* Not finite where there is none. */
static inline Matrix inverse(Matrix m) {
    double p = m.e * m.i - m.f * m.h, q = m.f * m.g - m.d * m.i, r = m.d * m.h - m.e * m.g;
    double part = 1 / (m.a * p + m.b * q + m.c * r);
    if (is_affine(m))
        return (Matrix){p * part, -m.b * part, (m.b * m.f - m.c * m.e) * part,
                        q * part, m.a * part,  (m.c * m.d - m.a * m.f) * part,
                        0,        0,           1};
    return (Matrix){p * part, (m.c * m.h - m.b * m.i) * part, (m.b * m.f - m.c * m.e) * part,
                    q * part, (m.a * m.i - m.c * m.g) * part, (m.c * m.d - m.a * m.f) * part,
                    r * part, (m.b * m.g - m.a * m.h) * part, (m.a * m.e - m.b * m.d) * part};
}

static inline Matrix translation(double x, double y) { return (Matrix){1, 0, x, 0, 1, y, 0, 0, 1}; }

static inline Matrix scaling(double x, double y) { return (Matrix){x, 0, 0, 0, y, 0, 0, 0, 1}; }

/* Apart, or a compiler makes one call of a number's sine and cosine, which the C library may round otherwise. */
__attribute__((noinline, unused)) static double sine(double x) { return sin(x); }
__attribute__((noinline, unused)) static double cosine(double x) { return cos(x); }

static inline double radians(double degrees) { return degrees * (PI / 180.0); }

static inline Matrix rotation(double degrees) {
    double rest = fmod(degrees, 90), cosines, sines; /* divmod of Python, of which the rest tells the quarters */
    if (rest == 0) {
        int quarters = (int)fmod(degrees / 90, 4);
        cosines = quarters % 2 ? 0 : quarters % 4 ? -1 : 1;
        sines = quarters % 2 == 0 ? 0 : (quarters + 4) % 4 == 1 ? 1 : -1;
    } else {
        cosines = cosine(radians(degrees)), sines = sine(radians(degrees));
    }
    return (Matrix){cosines, sines, 0, -sines, cosines, 0, 0, 0, 1};
}

static inline Matrix shearing(double x_degrees, double y_degrees) {
    double along = -tan(radians(x_degrees)), across = -tan(radians(y_degrees));
    return product((Matrix){1, 0, 0, across, 1, 0, 0, 0, 1}, (Matrix){1, along, 0, 0, 1, 0, 0, 0, 1});
}

static inline Matrix about_centre(Matrix m, Sides size) {
    double x = size.width / 2.0, y = size.height / 2.0;
    return (Matrix){m.a, m.b, m.c + x - (m.a * x + m.b * y), m.d, m.e, m.f + y - (m.d * x + m.e * y), 0, 0, 1};
}

/* Where a crop of a whole image reads that is scaled to a size. */
static inline Matrix scaled_to(Sides from, Sides to) {
    return (Matrix){(double)from.width / to.width, 0, 0, 0, (double)from.height / to.height, 0, 0, 0, 1};
}

typedef double Quad[4][2]; /* x and y of corners, clockwise from the top left */

static inline Matrix square_to(const Quad q) {
    double right_x = q[1][0] - q[2][0], right_y = q[1][1] - q[2][1];
    double left_x = q[3][0] - q[2][0], left_y = q[3][1] - q[2][1];
    double x = q[0][0] - q[1][0] + q[2][0] - q[3][0], y = q[0][1] - q[1][1] + q[2][1] - q[3][1];
    double area = right_x * left_y - left_x * right_y;
    double g = (x * left_y - left_x * y) / area, h = (right_x * y - x * right_y) / area;
    return (Matrix){q[1][0] - q[0][0] + g * q[1][0],
                    q[3][0] - q[0][0] + h * q[3][0],
                    q[0][0],
                    q[1][1] - q[0][1] + g * q[1][1],
                    q[3][1] - q[0][1] + h * q[3][1],
                    q[0][1],
                    g,
                    h,
                    1};
}

static inline Matrix quad_to_quad(const Quad source, const Quad target) {
    Matrix m = product(square_to(target), inverse(square_to(source)));
    m = times(m, 1 / m.i);
    if (fabs(m.g) < 1e-12 && fabs(m.h) < 1e-12) m.g = 0, m.h = 0, m.i = 1;
    return m;
}

static inline bool is_convex(const Quad quad) {
    for (int i = 0; i < 4; i++) {
        const double *p = quad[i], *q = quad[(i + 1) % 4], *r = quad[(i + 2) % 4];
        if (!((q[0] - p[0]) * (r[1] - q[1]) > (q[1] - p[1]) * (r[0] - q[0]))) return 0;
    }
    return 1;
}

/* Rewrite a matrix from continuous coordinates to indices. */
static inline Matrix to_index(Matrix m) {
    if (is_affine(m))
        return (Matrix){m.a, m.b, (m.a + m.b - 1) / 2 + m.c, m.d, m.e, (m.d + m.e - 1) / 2 + m.f, 0, 0, 1};
    return product(product(translation(-0.5, -0.5), m), translation(0.5, 0.5));
}

static inline bool is_whole(double number) { return fabs(number - nearbyint(number)) <= TINY; }

static inline double farthest_off(double number) { return fabs(fabs(number) - 1); }

static inline bool moves_whole_pixels(Matrix m) {
    if (!is_affine(m)) return 0;
    int turned = fabs(m.a) < 0.5;
    double along = turned ? m.b : m.a, other = turned ? m.d : m.e, across = turned ? m.a : m.b, rest = turned ? m.e : m.d;
    if (farthest_off(along) > TINY || farthest_off(other) > TINY || fabs(across) > TINY || fabs(rest) > TINY) return 0;
    return is_whole(m.c + (m.a + m.b - 1) / 2) && is_whole(m.f + (m.d + m.e - 1) / 2);
}

static inline bool is_axis_aligned(Matrix m) { return is_affine(m) && fabs(m.b) < TINY && fabs(m.d) < TINY; }

typedef struct {
    double left, top, right, bottom;
} Bounds;

/* The box around everything that an output of a size reads. */
static inline Bounds read_box(Matrix m, Sides size) {
    if (is_affine(m)) {
        const double right = m.a * size.width, down = m.b * size.height;
        const double across = m.d * size.width, below = m.e * size.height;
        const double left = m.c + lesser(right, 0) + lesser(down, 0), top = m.f + lesser(across, 0) + lesser(below, 0);
        return (Bounds){left, top, left + fabs(right) + fabs(down), top + fabs(across) + fabs(below)};
    }
    Bounds box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int corner = 0; corner < 4; corner++) {
        const double x = corner & 1 ? size.width : 0, y = corner & 2 ? size.height : 0, depth = m.g * x + m.h * y + m.i;
        if (depth <= TINY) return (Bounds){-INFINITY, -INFINITY, INFINITY, INFINITY};
        const double u = (m.a * x + m.b * y + m.c) / depth, v = (m.d * x + m.e * y + m.f) / depth;
        box = (Bounds){lesser(box.left, u), lesser(box.top, v), greater(box.right, u), greater(box.bottom, v)};
    }
    return box;
}

static inline bool lies_inside(Bounds box, Sides size) {
    return box.left >= -TINY && box.top >= -TINY && box.right <= size.width + TINY && box.bottom <= size.height + TINY;
}

/* By how much a warp shrinks its input along x and y; below 1 where it grows, or where nobody can tell. */
static inline void shrink_factors(Matrix m, Sides size, double *shrinks) {
    const double width = size.width, height = size.height;
    const double points[5][2] = {{width / 2, height / 2}, {0, 0}, {width, 0}, {width, height}, {0, height}};
    double best_x = INFINITY, best_y = INFINITY;
    for (int i = 0; i < (is_affine(m) ? 1 : 5); i++) {
        const double x = points[i][0], y = points[i][1], depth = m.g * x + m.h * y + m.i;
        if (depth <= TINY) {
            shrinks[0] = shrinks[1] = 1;
            return;
        }
        const double u = (m.a * x + m.b * y + m.c) / depth, v = (m.d * x + m.e * y + m.f) / depth;
        const double xx = (m.a - u * m.g) / depth, xy = (m.b - u * m.h) / depth;
        const double yx = (m.d - v * m.g) / depth, yy = (m.e - v * m.h) / depth;
        double along_x = sqrt(xx * xx + xy * xy), along_y = sqrt(yx * yx + yy * yy);
        const double squares = along_x * along_x + along_y * along_y, area = xx * yy - xy * yx;
        const double least =
            sqrt(greater(0, (squares - sqrt(greater(0, squares * squares - 4 * (area * area)))) / 2));
        if (least < 0.95 * lesser(along_x, along_y)) along_x = along_y = least;
        best_x = lesser(best_x, along_x), best_y = lesser(best_y, along_y);
    }
    shrinks[0] = best_x, shrinks[1] = best_y;
}
