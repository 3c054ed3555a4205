/* The ops of one copy, and how neighbours merge, as augcli/image/fusion.py does it. */
#include "mixes.h"

enum { OFF, EXACT, FULL };

#define LARGEST_WEIGHT (1 << 14)

typedef struct {
    RecipeOp *op;
    Sides before[MOST_OPS]; /* what each op gets */
    int32_t count;
} Ops;

static int copies_pixels(const RecipeOp *op) { return moves_whole_pixels(op->matrix); }

static int is_inside(const RecipeOp *op, Sides size) { return lies_inside(read_box(op->matrix, op->size), size); }

/* Let a warp do what another does behind it; tell whether one can. `size` is of what the first gets. */
static int merged_warps(RecipeOp *first, const RecipeOp *second, Sides size, int exact) {
    if (exact && !(copies_pixels(first) && copies_pixels(second))) return 0;
    int second_inside = is_inside(second, first->size);
    int same_border = first->border == second->border && !memcmp(first->fill, second->fill, 3), takes_border;
    if (exact && !second_inside) return 0;
    if (second_inside) {
        takes_border = first->border != EDGE && is_inside(first, size);
    } else {
        if (!same_border && !is_inside(first, size)) return 0;
        takes_border = 1;
    }
    if (first->interpolation != second->interpolation && !copies_pixels(second)) {
        if (!copies_pixels(first)) return 0;
        first->interpolation = second->interpolation;
    }
    if (takes_border) first->border = second->border, memcpy(first->fill, second->fill, 3);
    first->matrix = product(first->matrix, second->matrix);
    first->size = second->size;
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

static int merged_mixes(RecipeOp *first, const RecipeOp *second) {
    Matrix by_pixel = product(second->matrix, first->matrix), by_mean = first->by_mean;
    if (greatest(by_pixel) > LARGEST_WEIGHT) return 0;
    if (!is_zero(by_mean)) by_mean = product(second->matrix, by_mean);
    if (!is_zero(second->by_mean)) {
        Matrix carried = product(second->by_mean, plus(first->matrix, first->by_mean));
        by_mean = is_zero(by_mean) ? carried : plus(by_mean, carried);
    }
    if (!is_none(first->constant)) on_vector(plus(second->matrix, second->by_mean), first->constant, first->constant);
    if (!is_none(second->constant))
        for (int i = 0; i < 3; i++) first->constant[i] += second->constant[i];
    first->matrix = by_pixel, first->by_mean = by_mean;
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

/* What a mix is where channels and the mean stay out of it. */
static void become_table(RecipeOp *op) {
    const double scales[3] = {op->matrix.a, op->matrix.e, op->matrix.i}, *constant = op->constant;
    int is_one = scales[0] == scales[1] && scales[1] == scales[2] && constant[0] == constant[1] &&
                 constant[1] == constant[2];
    op->columns = is_one ? 1 : 3;
    fill_levels(scales, constant, op->truncate, op->columns, op->table);
    op->kind = OP_TABLE;
}

static int is_table(const RecipeOp *op) {
    return op->kind == OP_MIX && is_diagonal(op->matrix) && is_zero(op->by_mean);
}

static int changes_nothing(const RecipeOp *op, Sides size) {
    if (op->kind == OP_WARP) {
        Matrix m = op->matrix;
        m.a -= 1, m.e -= 1, m.i -= 1;
        return op->size.width == size.width && op->size.height == size.height && greatest(m) < 1e-9;
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
