/*
 * Small datasets of files that other programs read: texts, numbers and arrays
 * below an open file or group. Each returns a negative number if HDF5 refuses.
 * There are no times in them: the same values make the same bytes.
 */
#ifndef IO_HDF5_PUT_H
#define IO_HDF5_PUT_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

herr_t hdf5_put_text_dataset(hid_t parent, const char *name, const char *text);
herr_t hdf5_put_integer(hid_t parent, const char *name, int64_t value);
herr_t hdf5_put_real(hid_t parent, const char *name, double value);

/* Arrays of any rank up to 4; large ones are packed by deflate. */
herr_t hdf5_put_integers(hid_t parent, const char *name, size_t n,
                         const int64_t *values);
herr_t hdf5_put_floats(hid_t parent, const char *name, size_t rank,
                       const size_t *extents, const float *values);
herr_t hdf5_put_bytes(hid_t parent, const char *name, size_t rank,
                      const size_t *extents, const unsigned char *values);

/* A vector of texts. */
herr_t hdf5_put_texts(hid_t parent, const char *name, size_t n,
                      const char *const *texts);

/* A vector, to be written in parts; those of HDF5_PART numbers, one after the
 * other, are packed once. The caller closes it. */
enum { HDF5_PART = 1 << 18 };
hid_t hdf5_make_vector(hid_t parent, const char *name, size_t n, hid_t type);
herr_t hdf5_put_part(hid_t vector, size_t first, size_t n, hid_t memory,
                     const void *values);

/* An array that is one number all over. */
herr_t hdf5_put_same(hid_t parent, const char *name, size_t rank,
                     const size_t *extents, float value);

#endif
