#include "io/tensor_order.h"

/* Where entry (p, i, o) is in both: p of n_pixels places of a kernel or an
 * image, i of n_in channels, o of n_out. */
static size_t place_ours(size_t p, size_t i, size_t o, size_t n_in,
                         size_t n_out)
{
    return (p * n_in + i) * n_out + o;
}

static size_t place_theirs(size_t p, size_t i, size_t o, size_t n_in,
                           size_t n_pixels)
{
    return (o * n_in + i) * n_pixels + p;
}

static void order(size_t n_pixels, size_t n_in, size_t n_out,
                  const float *ours, float *theirs)
{
    for (size_t o = 0; o < n_out; o++)
        for (size_t i = 0; i < n_in; i++)
            for (size_t p = 0; p < n_pixels; p++)
                theirs[place_theirs(p, i, o, n_in, n_pixels)] =
                    ours[place_ours(p, i, o, n_in, n_out)];
}

static void reorder(size_t n_pixels, size_t n_in, size_t n_out,
                    const float *theirs, float *ours)
{
    for (size_t p = 0; p < n_pixels; p++)
        for (size_t i = 0; i < n_in; i++)
            for (size_t o = 0; o < n_out; o++)
                ours[place_ours(p, i, o, n_in, n_out)] =
                    theirs[place_theirs(p, i, o, n_in, n_pixels)];
}

void tensor_order_kernel(size_t size, size_t n_in, size_t n_out,
                         const float *ours, float *theirs)
{
    order(size * size, n_in, n_out, ours, theirs);
}

void tensor_order_linear(struct image_shape in, size_t n_out,
                         const float *ours, float *theirs)
{
    order(in.height * in.width, in.n_channels, n_out, ours, theirs);
}

void tensor_reorder_kernel(size_t size, size_t n_in, size_t n_out,
                           const float *theirs, float *ours)
{
    reorder(size * size, n_in, n_out, theirs, ours);
}

void tensor_reorder_linear(struct image_shape in, size_t n_out,
                           const float *theirs, float *ours)
{
    reorder(in.height * in.width, in.n_channels, n_out, theirs, ours);
}
