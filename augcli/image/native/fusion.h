/* The ops of one copy, and how neighbours merge, as augcli/image/fusion.py does it. */
enum { OFF, EXACT, FULL };
enum { BORDER_CONSTANT, BORDER_EDGE }; /* two of those of kernels.c */

#define LARGEST_WEIGHT (1 << 14)

typedef struct {
    int32_t width, height;
} Sides;

typedef struct {
    RecipeOp *op;
    Sides before[MOST_OPS]; /* what each op gets */
    int32_t count;
} Ops;

static Matrix matrix_of(const double *numbers) {
    Matrix m;
    memcpy(&m, numbers, sizeof m);
    return m;
}

static Sides size_after(const RecipeOp *op, Sides size) {
    return op->kind == OP_WARP ? (Sides){op->width, op->height} : size;
}

static int copies_pixels(const RecipeOp *op) { return moves_whole_pixels(matrix_of(op->matrix)); }

static int is_inside(const RecipeOp *op, Sides size) {
    return reads_inside(matrix_of(op->matrix), op->width, op->height, size.width, size.height);
}

/* Let a warp do what another does behind it; tell whether one can. `size` is of what the first gets. */
static int merged_warps(RecipeOp *first, const RecipeOp *second, Sides size, int exact) {
    if (exact && !(copies_pixels(first) && copies_pixels(second))) return 0;
    int second_inside = is_inside(second, (Sides){first->width, first->height});
    int same_border = first->border == second->border && !memcmp(first->fill, second->fill, 3), takes_border;
    if (exact && !second_inside) return 0;
    if (second_inside) {
        takes_border = first->border != BORDER_EDGE && is_inside(first, size);
    } else {
        if (!same_border && !is_inside(first, size)) return 0;
        takes_border = 1;
    }
    if (first->interpolation != second->interpolation && !copies_pixels(second)) {
        if (!copies_pixels(first)) return 0;
        first->interpolation = second->interpolation;
    }
    if (takes_border) first->border = second->border, memcpy(first->fill, second->fill, 3);
    Matrix both = product(matrix_of(first->matrix), matrix_of(second->matrix));
    memcpy(first->matrix, &both, sizeof both);
    first->width = second->width, first->height = second->height;
    first->antialias = first->antialias || second->antialias;
    return 1;
}

static void merge_tables(RecipeOp *first, const RecipeOp *second) {
    for (int32_t column = first->columns; column < second->columns; column++)
        memcpy(first->table + 256 * column, first->table, 256);
    if (first->columns < second->columns) first->columns = second->columns;
    for (int32_t column = 0; column < first->columns; column++) {
        const uint8_t *table = second->table + (second->columns == 1 ? 0 : 256 * column);
        for (int level = 0; level < 256; level++) {
            uint8_t *entry = first->table + 256 * column + level;
            *entry = table[*entry];
        }
    }
}

static void on_vector(Matrix m, double *vector) {
    double x = vector[0], y = vector[1], z = vector[2];
    vector[0] = m.a * x + m.b * y + m.c * z;
    vector[1] = m.d * x + m.e * y + m.f * z;
    vector[2] = m.g * x + m.h * y + m.i * z;
}

static int is_none(const double *vector) { return vector[0] == 0 && vector[1] == 0 && vector[2] == 0; }

static int merged_mixes(RecipeOp *first, const RecipeOp *second) {
    Matrix first_pixel = matrix_of(first->matrix), second_pixel = matrix_of(second->matrix);
    Matrix by_mean = matrix_of(first->by_mean), second_mean = matrix_of(second->by_mean);
    Matrix by_pixel = product(second_pixel, first_pixel);
    if (greatest(by_pixel) > LARGEST_WEIGHT) return 0;
    Matrix first_all = plus(first_pixel, by_mean);
    if (!is_zero(by_mean)) by_mean = product(second_pixel, by_mean);
    if (!is_zero(second_mean)) {
        Matrix carried = product(second_mean, first_all);
        by_mean = is_zero(by_mean) ? carried : plus(by_mean, carried);
    }
    if (!is_none(first->constant)) on_vector(plus(second_pixel, second_mean), first->constant);
    if (!is_none(second->constant))
        for (int i = 0; i < 3; i++) first->constant[i] += second->constant[i];
    memcpy(first->matrix, &by_pixel, sizeof by_pixel);
    memcpy(first->by_mean, &by_mean, sizeof by_mean);
    first->truncate = 0;
    return 1;
}

static int merged(RecipeOp *first, const RecipeOp *second, Sides size, int exact) {
    if (first->kind != second->kind) return 0;
    if (first->kind == OP_WARP) return merged_warps(first, second, size, exact);
    if (first->kind == OP_MIX && !exact) return merged_mixes(first, second);
    if (first->kind == OP_TABLE) return merge_tables(first, second), 1;
    return 0;
}

/* Take the op behind the last one in, which merges with it or becomes the last. */
static void take_op(Ops *ops, Sides size, int fusion) {
    RecipeOp *op = ops->op + ops->count;
    if (ops->count && fusion != OFF && merged(op - 1, op, ops->before[ops->count - 1], fusion == EXACT)) return;
    ops->before[ops->count] = ops->count ? size_after(op - 1, ops->before[ops->count - 1]) : size;
    ops->count++;
}

/* What a mix is where channels and the mean stay out of it, in single precision. */
static void become_table(RecipeOp *op) {
    const double *m = op->matrix, *constant = op->constant;
    int is_one = m[0] == m[4] && m[4] == m[8] && constant[0] == constant[1] && constant[1] == constant[2];
    op->columns = is_one ? 1 : 3;
    for (int32_t column = 0; column < op->columns; column++) {
        const float scale = (float)m[4 * column], offset = (float)constant[column];
        for (int level = 0; level < 256; level++) {
            float value = scale * (float)level;
            value = value + offset;
            value = op->truncate ? floorf(value) : rintf(value);
            op->table[256 * column + level] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
    op->kind = OP_TABLE;
}

static int is_table(const RecipeOp *op) {
    const double *m = op->matrix;
    int is_diagonal = m[1] == 0 && m[2] == 0 && m[3] == 0 && m[5] == 0 && m[6] == 0 && m[7] == 0;
    return op->kind == OP_MIX && is_diagonal && is_zero(matrix_of(op->by_mean));
}

static int changes_nothing(const RecipeOp *op, Sides size) {
    if (op->kind == OP_WARP) {
        Matrix m = matrix_of(op->matrix);
        m.a -= 1, m.e -= 1, m.i -= 1;
        return op->width == size.width && op->height == size.height && greatest(m) < 1e-9;
    }
    if (op->kind != OP_TABLE) return 0;
    for (int i = 0; i < 256 * op->columns; i++)
        if (op->table[i] != i % 256) return 0;
    return 1;
}

static void move_op(Ops *ops, int32_t from, int32_t to) {
    if (from != to) ops->op[to] = ops->op[from];
}

/* Do what can be done when all ops are there; `size` is of what the first gets. */
static void finish_ops(Ops *ops, Sides size, int fusion) {
    int tables = 0;
    int32_t count = ops->count;
    if (fusion == OFF) return;
    for (int32_t i = 0; i < count; i++) {
        if (is_table(ops->op + i)) become_table(ops->op + i);
        tables += ops->op[i].kind == OP_TABLE;
    }
    if (tables > 1) { /* a mix that turned out to be a table merges exactly with those beside it */
        ops->count = 0;
        for (int32_t i = 0; i < count; i++) {
            move_op(ops, i, ops->count);
            take_op(ops, size, EXACT);
        }
        count = ops->count;
    }
    ops->count = 0;
    for (int32_t i = 0; i < count; i++) {
        if (changes_nothing(ops->op + i, ops->before[i])) continue;
        move_op(ops, i, ops->count++);
    }
}
