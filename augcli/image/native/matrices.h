/* 3x3 matrices, as augcli/image/matrices.py and arrays.py have them: the same steps in the same order. */

typedef struct {
    double a, b, c, d, e, f, g, h, i;
} Matrix;

static const Matrix EYE = {1, 0, 0, 0, 1, 0, 0, 0, 1}, ZERO = {0, 0, 0, 0, 0, 0, 0, 0, 0};
#define RED (19595 / 65536.0)
#define GREEN (38470 / 65536.0)
#define BLUE (7471 / 65536.0)
static const Matrix LUMAS = {RED, GREEN, BLUE, RED, GREEN, BLUE, RED, GREEN, BLUE};

/* Apart, or a compiler makes one call of the sine and the cosine of a number, which the C library may round otherwise. */
__attribute__((noinline)) static double sine(double x) { return sin(x); }
__attribute__((noinline)) static double cosine(double x) { return cos(x); }

static double radians(double degrees) { return degrees * (PI / 180.0); }

static Matrix product(Matrix m, Matrix n) {
    if (m.g == 0 && m.h == 0 && n.g == 0 && n.h == 0 && m.i == 1 && n.i == 1)
        return (Matrix){m.a * n.a + m.b * n.d, m.a * n.b + m.b * n.e, m.a * n.c + m.b * n.f + m.c,
                        m.d * n.a + m.e * n.d, m.d * n.b + m.e * n.e, m.d * n.c + m.e * n.f + m.f,
                        0,                     0,                     1};
    return (Matrix){m.a * n.a + m.b * n.d + m.c * n.g, m.a * n.b + m.b * n.e + m.c * n.h,
                    m.a * n.c + m.b * n.f + m.c * n.i, m.d * n.a + m.e * n.d + m.f * n.g,
                    m.d * n.b + m.e * n.e + m.f * n.h, m.d * n.c + m.e * n.f + m.f * n.i,
                    m.g * n.a + m.h * n.d + m.i * n.g, m.g * n.b + m.h * n.e + m.i * n.h,
                    m.g * n.c + m.h * n.f + m.i * n.i};
}

static Matrix times(Matrix m, double factor) {
    return (Matrix){factor * m.a, factor * m.b, factor * m.c, factor * m.d, factor * m.e,
                    factor * m.f, factor * m.g, factor * m.h, factor * m.i};
}

static Matrix plus(Matrix m, Matrix n) {
    return (Matrix){m.a + n.a, m.b + n.b, m.c + n.c, m.d + n.d, m.e + n.e,
                    m.f + n.f, m.g + n.g, m.h + n.h, m.i + n.i};
}

static int is_zero(Matrix m) {
    return m.a == 0 && m.b == 0 && m.c == 0 && m.d == 0 && m.e == 0 && m.f == 0 && m.g == 0 && m.h == 0 && m.i == 0;
}

static double greatest(Matrix m) {
    const double numbers[9] = {m.a, m.b, m.c, m.d, m.e, m.f, m.g, m.h, m.i};
    double most = 0;
    for (int i = 0; i < 9; i++) most = fabs(numbers[i]) > most ? fabs(numbers[i]) : most;
    return most;
}

static int is_affine(Matrix m) { return m.g == 0 && m.h == 0 && m.i == 1; }

/* Not finite where there is none. */
static Matrix inverse(Matrix m) {
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

static Matrix translation(double x, double y) { return (Matrix){1, 0, x, 0, 1, y, 0, 0, 1}; }

static Matrix scaling(double x, double y) { return (Matrix){x, 0, 0, 0, y, 0, 0, 0, 1}; }

static Matrix rotation(double degrees) {
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

static Matrix shearing(double x_degrees, double y_degrees) {
    double along = -tan(radians(x_degrees)), across = -tan(radians(y_degrees));
    return product((Matrix){1, 0, 0, across, 1, 0, 0, 0, 1}, (Matrix){1, along, 0, 0, 1, 0, 0, 0, 1});
}

static Matrix about_centre(Matrix m, int32_t width, int32_t height) {
    double x = width / 2.0, y = height / 2.0;
    return (Matrix){m.a, m.b, m.c + x - (m.a * x + m.b * y), m.d, m.e, m.f + y - (m.d * x + m.e * y), 0, 0, 1};
}

/* Where a crop of a whole image reads that is scaled to a size. */
static Matrix scaled_to(int32_t width, int32_t height, int32_t to_width, int32_t to_height) {
    return (Matrix){(double)width / to_width, 0, 0, 0, (double)height / to_height, 0, 0, 0, 1};
}

typedef double Quad[4][2]; /* x and y of corners, clockwise from the top left */

static Matrix square_to(const Quad q) {
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

static Matrix quad_to_quad(const Quad source, const Quad target) {
    Matrix m = product(square_to(target), inverse(square_to(source)));
    m = times(m, 1 / m.i);
    if (fabs(m.g) < 1e-12 && fabs(m.h) < 1e-12) m.g = 0, m.h = 0, m.i = 1;
    return m;
}

static int is_convex(const Quad quad) {
    for (int i = 0; i < 4; i++) {
        const double *p = quad[i], *q = quad[(i + 1) % 4], *r = quad[(i + 2) % 4];
        if (!((q[0] - p[0]) * (r[1] - q[1]) > (q[1] - p[1]) * (r[0] - q[0]))) return 0;
    }
    return 1;
}

#define TINY 1e-6

static int is_whole(double number) { return fabs(number - nearbyint(number)) <= TINY; }

static double farthest_off(double number) { return fabs(fabs(number) - 1); }

static int moves_whole_pixels(Matrix m) {
    if (!is_affine(m)) return 0;
    int turned = fabs(m.a) < 0.5;
    double along = turned ? m.b : m.a, other = turned ? m.d : m.e, across = turned ? m.a : m.b, rest = turned ? m.e : m.d;
    if (farthest_off(along) > TINY || farthest_off(other) > TINY || fabs(across) > TINY || fabs(rest) > TINY) return 0;
    return is_whole(m.c + (m.a + m.b - 1) / 2) && is_whole(m.f + (m.d + m.e - 1) / 2);
}

static double lesser(double one, double other) { return other < one ? other : one; }
static double greater(double one, double other) { return other > one ? other : one; }

/* Whether an output of some size reads nothing outside of an image of `width` and `height`. */
static int reads_inside(Matrix m, int32_t out_width, int32_t out_height, int32_t width, int32_t height) {
    double left, top, right, bottom;
    if (is_affine(m)) {
        double wide = m.a * out_width, down = m.b * out_height, across = m.d * out_width, below = m.e * out_height;
        left = m.c + lesser(wide, 0) + lesser(down, 0), top = m.f + lesser(across, 0) + lesser(below, 0);
        right = left + fabs(wide) + fabs(down), bottom = top + fabs(across) + fabs(below);
    } else {
        left = top = HUGE_VAL, right = bottom = -HUGE_VAL;
        for (int i = 0; i < 4; i++) {
            double x = i % 2 ? out_width : 0, y = i / 2 ? out_height : 0, depth = m.g * x + m.h * y + m.i;
            if (depth <= TINY) return 0;
            double at_x = (m.a * x + m.b * y + m.c) / depth, at_y = (m.d * x + m.e * y + m.f) / depth;
            left = lesser(left, at_x), right = greater(right, at_x);
            top = lesser(top, at_y), bottom = greater(bottom, at_y);
        }
    }
    return left >= -TINY && top >= -TINY && right <= width + TINY && bottom <= height + TINY;
}
