/* Numbers in decimal digits, as Python rounds and writes them: exactly, in whole numbers of 128 bits.
 *
 * Nothing here asks the C library, which has a locale. What is too small or too large for that many bits is refused; no
 * draw of a usual range is.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 Wide;

static const uint64_t FIVES[28] = {
    1u, 5u, 25u, 125u, 625u, 3125u, 15625u, 78125u, 390625u, 1953125u,
    9765625u, 48828125u, 244140625u, 1220703125u, 6103515625u, 30517578125u,
    152587890625u, 762939453125u, 3814697265625u, 19073486328125u,
    95367431640625u, 476837158203125u, 2384185791015625u, 11920928955078125u,
    59604644775390625u, 298023223876953125u, 1490116119384765625u, 7450580596923828125u};
/* Those that are exact. */
static const double TENS[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

typedef struct {
    uint64_t digits; /* the nearest number of so many digits is digits / 10 ** places */
    int places;
    int is_shown; /* whether it is read back as the same double */
} Decimal;

/* The nearest decimal of `count` digits to a double from 1e-16, or 1e-10 for more than 6 digits, to 1e15. */
static Decimal nearest(double value, int count) {
    uint64_t bits, least = 1, mantissa;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> 52) - 1075;
    mantissa = (bits & ((1ull << 52) - 1)) | 1ull << 52;
    for (int i = 1; i < count; i++) least *= 10;
    /* What 2 ** n has in decimal digits, or one too few. */
    Decimal found = {0, count - 1 - (((exponent + 52) * 315653) >> 20), 0};
    for (;; found.places--) {
        Wide whole, rest, half;
        int places = found.places, shift = -(exponent + places); /* 1 and more, for such a double */
        if (places >= 0) {
            Wide scaled = (Wide)mantissa * FIVES[places];
            half = (Wide)1 << (shift - 1);
            whole = scaled >> shift, rest = scaled & (2 * half - 1);
        } else { /* more than `count` digits before the point */
            half = (Wide)FIVES[-places] << (shift - 1);
            whole = mantissa / (2 * half), rest = mantissa % (2 * half);
        }
        int is_up = rest > half || (rest == half && (whole & 1));
        found.digits = (uint64_t)whole + (uint64_t)is_up;
        if (found.digits >= 10 * least) continue;
        if (count <= 6) {
            double read = places >= 0 ? (double)found.digits / TENS[places] : (double)found.digits * TENS[-places];
            found.is_shown = read == value; /* one rounding of exact numbers */
        } else {
            /* Within half a step of doubles, which is an odd step / 2 here; below a power of two, a quarter. */
            uint64_t step = FIVES[places > 0 ? places : 0];
            Wide off = is_up ? 2 * half - rest : rest;
            int is_power = mantissa == 1ull << 52;
            found.is_shown = (is_power && !is_up ? 4 : 2) * off < step;
            if (!found.is_shown && is_power && !is_up && 2 * (2 * half - rest) < step)
                found.digits++, found.is_shown = 1;
        }
        return found;
    }
}

/* Give the number `value` rounded to 6 significant digits; tell whether that could be done. */
static int rounded(double value, double *out) {
    double size = fabs(value);
    *out = value;
    if (size == 0) return 1;
    if (!(size >= 1e-16 && size < 1e15)) return 0;
    Decimal found = nearest(size, 6);
    size = found.places >= 0 ? (double)found.digits / TENS[found.places] : (double)found.digits * TENS[-found.places];
    *out = value < 0 ? -size : size;
    return 1;
}

static char *put_digits(char *at, uint64_t digits, int count) {
    for (int i = count - 1; i >= 0; i--, digits /= 10) at[i] = (char)('0' + digits % 10);
    return at + count;
}

#define LONGEST_NUMBER 32

/* Write a double as `repr` does, with the fewest digits that tell it from others; NULL where that cannot be done. */
static char *put_number(char *at, double value) {
    double size = fabs(value);
    if (signbit(value)) *at++ = '-';
    if (size == 0) return memcpy(at, "0.0", 3), at + 3;
    if (!(size >= 1e-16 && size < 1e15)) return NULL;
    Decimal found = nearest(size, 6);
    for (int count = 15; !found.is_shown; count++) {
        if (size < 1e-10) return NULL;
        found = nearest(size, count);
    }
    int count = 1, before;
    while (found.digits % 10 == 0) found.digits /= 10, found.places--;
    for (uint64_t rest = found.digits; rest >= 10; rest /= 10) count++;
    before = count - found.places; /* digits before the point */
    if (before <= -4) {
        char digits[20];
        put_digits(digits, found.digits, count);
        *at++ = digits[0];
        if (count > 1) *at++ = '.';
        memcpy(at, digits + 1, (size_t)count - 1);
        memcpy(at += count - 1, "e-", 2);
        return put_digits(at + 2, (uint64_t)(1 - before), 2);
    }
    if (before <= 0) {
        memcpy(at, "0.0000", 6);
        return put_digits(at + 2 - before, found.digits, count);
    }
    if (before >= count) {
        memset(at + count, '0', (size_t)(before - count));
        put_digits(at, found.digits, count);
        return memcpy(at + before, ".0", 2), at + before + 2;
    }
    uint64_t part = 1;
    for (int i = before; i < count; i++) part *= 10;
    at = put_digits(at, found.digits / part, before);
    *at++ = '.';
    return put_digits(at, found.digits % part, count - before);
}

/* Write a whole number that may be below 0. */
static char *put_whole(char *at, int64_t value) {
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    int count = 1;
    if (value < 0) *at++ = '-';
    for (uint64_t rest = size; rest >= 10; rest /= 10) count++;
    return put_digits(at, size, count);
}
