/* What augcli/image/colour.py tells of mixes, in the same steps. */
#pragma once
#include "matrices.h"

#define LUMA_ROW LUMA_RED / 65536.0, LUMA_GREEN / 65536.0, LUMA_BLUE / 65536.0
static const Matrix LUMAS = {LUMA_ROW, LUMA_ROW, LUMA_ROW};
#undef LUMA_ROW

/* Whether a matrix keeps the channels apart. */
static inline bool is_diagonal(Matrix m) {
    return m.b == 0 && m.c == 0 && m.d == 0 && m.f == 0 && m.g == 0 && m.h == 0;
}

/* Make columns of 256 of a table of `scale * x + offset`, in single precision. */
static inline void fill_levels(const double *scales, const double *offsets, bool truncates, int columns,
                               uint8_t *table) {
    for (int column = 0; column < columns; column++, table += 256) {
        const float scale = (float)scales[column], offset = (float)offsets[column];
        for (int level = 0; level < 256; level++) {
            const float value = (float)level * scale + offset;
            const float whole = truncates ? floorf(value) : rintf(value);
            table[level] = (uint8_t)(whole > 0 ? whole < 255 ? whole : 255 : 0);
        }
    }
}
