/* The few loops that a profile asked for. Each has a twin in Python, in augcli/image/native/__init__.py, that
 * gives the same bytes: what is computed here is whole numbers, or single steps of IEEE arithmetic.
 *
 * The loops stand in kernels.inc, which is compiled once for every instruction set worth having and chosen when
 * the program runs: wheels are built for the oldest processors.
 */
#include <stddef.h>
#include <stdint.h>

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

#define NAME(function) JOIN(function, plain)
#define TARGET
#include "kernels.inc"
#undef NAME
#undef TARGET

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define NAME(function) JOIN(function, avx2)
#define TARGET __attribute__((target("avx2")))
#include "kernels.inc"
#undef NAME
#undef TARGET
#define CALL(function, ...) \
    (__builtin_cpu_supports("avx2") ? JOIN(function, avx2)(__VA_ARGS__) : JOIN(function, plain)(__VA_ARGS__))
#else
#define CALL(function, ...) JOIN(function, plain)(__VA_ARGS__)
#endif

int32_t augcli_kernels_version(void) { return 1; }

void augcli_turn_hue(const uint8_t *in, uint8_t *out, size_t pixels, const int32_t *read, const int32_t *write,
                     int32_t step) {
    CALL(turn_hue, in, out, pixels, read, write, step);
}

void augcli_add_noise(const uint8_t *in, uint8_t *out, size_t values, const float *noise, float std, float mean) {
    CALL(add_noise, in, out, values, noise, std, mean);
}
