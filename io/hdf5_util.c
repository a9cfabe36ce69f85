#include "io/hdf5_util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 512 };

/* errors -------------------------------------------------------------- */

/* The walk goes upward from the innermost failure, which knows the reason. */
static herr_t keep_first(unsigned n, const H5E_error2_t *error, void *self)
{
    if (n == 0 && error->desc)
        snprintf(self, TEXT_MAX, "%s", error->desc);
    return 0;
}

/* The last call that failed: HDF5 itself forgets at the next call, and who
 * closes what is open before handing a failure on makes many. */
static _Thread_local char last_reason[TEXT_MAX];

/* Instead of HDF5's own printing. */
static herr_t note_reason(hid_t stack, void *self)
{
    (void)self;
    return H5Ewalk2(stack, H5E_WALK_UPWARD, keep_first, last_reason);
}

/* Before anything else is asked of HDF5. Of a file that could not be written
 * (disk full) it keeps datasets that it cannot close either, and clearing up
 * at the program's end it would follow dead pointers: it must not clear up. */
static void silence(void)
{
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, note_reason, NULL);
}

static enum status status_of_text(const char *text, enum status otherwise)
{
    const char *number = strstr(text, "errno = ");
    switch (number ? atoi(number + strlen("errno = ")) : 0) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STATUS_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case ENOENT:
        return STATUS_NOT_FOUND;
    default:
        return otherwise;
    }
}

/* Of "write failed: ..., errno = 28, error message = 'No space ...', ..." only
 * the message is worth a sentence. */
static void keep_message(char *text)
{
    const char *start = strstr(text, "error message = '");
    if (!start)
        return;
    start += strlen("error message = '");
    size_t n = strcspn(start, "'");
    memmove(text, start, n);
    text[n] = '\0';
}

CHECKED static enum status refuse(enum status otherwise, const char *what,
                                  char *why)
{
    enum status status = status_of_text(why, otherwise);
    keep_message(why);
    H5Eclear2(H5E_DEFAULT);
    return status_refuse(status, "%s%s%s", what, *why ? ": " : "", why);
}

enum status hdf5_refuse(enum status otherwise, const char *format, ...)
{
    char what[TEXT_MAX], why[TEXT_MAX] = "";
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, why);
    return refuse(otherwise, what, why);
}

enum status hdf5_check(int64_t result, enum status otherwise, const char *path,
                       const char *doing)
{
    if (result >= 0)
        return STATUS_OK;
    char what[TEXT_MAX], why[TEXT_MAX];
    snprintf(what, sizeof what, "%s: cannot %s", path, doing);
    memcpy(why, last_reason, sizeof why);
    *last_reason = '\0';
    return refuse(otherwise, what, why);
}

/* files --------------------------------------------------------------- */

static hid_t access_list(void)
{
    silence();
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
/* 1.12.0 came before 1.10.7 and lacks it; who has neither sets
 * HDF5_USE_FILE_LOCKING=FALSE where locks make trouble. */
#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MINOR == 12 && H5_VERS_RELEASE == 0)
    H5Pset_file_locking(list, false, true);
#endif
    return list;
}

/* Closes the list. */
static enum status create(const char *path, const char *name, hid_t access,
                          hid_t *file)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t list = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_link_creation_order(list, order);
    H5Pset_attr_creation_order(list, order);
    H5Pset_obj_track_times(list, false); /* equal content, equal bytes */
    hid_t id = H5Fcreate(path, H5F_ACC_EXCL, list, access);
    H5Pclose(list);
    H5Pclose(access);
    TRY(hdf5_check(id, STATUS_SYSTEM, name, "make the file"));
    *file = id;
    return STATUS_OK;
}

enum status hdf5_create(const char *path, const char *name, hid_t *file)
{
    return create(path, name, access_list(), file);
}

/* The system's own reason is clearer than HDF5's where there is one. */
enum status hdf5_open(const char *path, hid_t *file)
{
    if (access(path, R_OK) != 0)
        return status_refuse_errno("%s", path);
    hid_t list = access_list();
    hid_t id = H5Fopen(path, H5F_ACC_RDONLY, list);
    H5Pclose(list);
    TRY(hdf5_check(id, STATUS_DAMAGED, path, "read it as an HDF5 file"));
    *file = id;
    return STATUS_OK;
}

enum status hdf5_close(hid_t file, const char *path)
{
    return hdf5_check(H5Fclose(file), STATUS_SYSTEM, path, "write the file");
}

hid_t hdf5_make_group(hid_t parent, const char *name)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t create = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_obj_track_times(create, false); /* equal content, equal bytes */
    H5Pset_link_creation_order(create, order);
    H5Pset_attr_creation_order(create, order);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, create, H5P_DEFAULT);
    H5Pclose(create);
    return group;
}

/* files in memory ------------------------------------------------------ */

static hid_t image_access_list(void)
{
    enum { GROWTH = 1 << 20 };
    hid_t list = access_list();
    H5Pset_fapl_core(list, GROWTH, false);
    return list;
}

enum status hdf5_create_image(const char *path, hid_t *file)
{
    return create(path, path, image_access_list(), file);
}

enum status hdf5_append_image(hid_t file, const char *path,
                              struct bytes *bytes)
{
    TRY(hdf5_check(H5Fflush(file, H5F_SCOPE_GLOBAL), STATUS_SYSTEM, path,
                   "make the file"));
    ssize_t size = H5Fget_file_image(file, NULL, 0);
    TRY(hdf5_check(size, STATUS_SYSTEM, path, "make the file"));
    unsigned char *image = malloc((size_t)size);
    MUST(image != NULL);
    ssize_t n = H5Fget_file_image(file, image, (size_t)size);
    if (n == size)
        bytes_append(bytes, image, (size_t)size);
    free(image);
    return hdf5_check(n == size ? n : -1, STATUS_SYSTEM, path,
                      "make the file");
}

/* HDF5 refuses a name that is a file's: below a file there can be none. It
 * copies the bytes, although it does not promise not to change them. */
enum status hdf5_open_image(const char *path, const void *at, size_t n,
                            hid_t *file)
{
    struct arena arena = arena_open();
    hid_t list = image_access_list(), id = -1;
    void *image = arena_take(&arena, n + 1);
    memcpy(image, at, n);
    if (H5Pset_file_image(list, image, n) >= 0)
        id = H5Fopen(arena_print(&arena, "%s/image", path), H5F_ACC_RDONLY,
                     list);
    enum status status =
        hdf5_check(id, STATUS_DAMAGED, path, "read it as an HDF5 file");
    H5Pclose(list);
    arena_close(&arena);
    if (status == STATUS_OK)
        *file = id;
    return status;
}

/* text ---------------------------------------------------------------- */

hid_t hdf5_text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

/* Bytes of the character that begins here; 0 if it is not UTF-8 (overlong
 * forms and surrogates included). */
static size_t utf8_length(const unsigned char *at)
{
    if (at[0] < 0x80)
        return 1;
    size_t n = at[0] >= 0xc2 && at[0] <= 0xdf   ? 2
               : at[0] >= 0xe0 && at[0] <= 0xef ? 3
               : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4
                                                : 0;
    for (size_t i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return n;
}

const char *hdf5_clean_text(const char *text, struct arena *arena)
{
    char *copy = NULL;
    for (size_t i = 0; text[i];) {
        size_t n = utf8_length((const unsigned char *)text + i);
        if (n == 0) {
            copy = copy ? copy : arena_copy_text(arena, text);
            copy[i] = '?';
        }
        i += n ? n : 1;
    }
    return copy ? copy : text;
}

/* attributes ---------------------------------------------------------- */

herr_t hdf5_put_number(hid_t object, const char *name, hid_t type,
                       const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute =
        H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    herr_t result = attribute < 0 ? -1 : H5Awrite(attribute, type, value);
    if (attribute >= 0 && H5Aclose(attribute) < 0)
        result = -1;
    H5Sclose(space);
    return result;
}

herr_t hdf5_put_text(hid_t object, const char *name, const char *text)
{
    struct arena arena = arena_open();
    const char *clean = hdf5_clean_text(text, &arena);
    hid_t type = hdf5_text_type();
    herr_t result = hdf5_put_number(object, name, type, &clean);
    H5Tclose(type);
    arena_close(&arena);
    return result;
}

static bool is_text(hid_t attribute)
{
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool yes = H5Tget_class(type) == H5T_STRING &&
               H5Tis_variable_str(type) > 0 &&
               H5Sget_simple_extent_npoints(space) == 1;
    H5Sclose(space);
    H5Tclose(type);
    return yes;
}

enum status hdf5_get_text(hid_t object, const char *name, const char *path,
                          struct arena *arena, const char **text)
{
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0 || !is_text(attribute)) {
        if (attribute >= 0)
            H5Aclose(attribute);
        return status_refuse(STATUS_DAMAGED, "%s: no text attribute %s", path,
                             name);
    }
    char *read = NULL;
    hid_t type = hdf5_text_type();
    herr_t result = H5Aread(attribute, type, &read);
    H5Tclose(type);
    H5Aclose(attribute);
    TRY(hdf5_check(result, STATUS_DAMAGED, path, "read an attribute"));
    *text = arena_copy_text(arena, read ? read : "");
    H5free_memory(read);
    return STATUS_OK;
}

static bool is_count(hid_t attribute)
{
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool yes = H5Tget_class(type) == H5T_INTEGER &&
               H5Sget_simple_extent_npoints(space) == 1;
    H5Sclose(space);
    H5Tclose(type);
    return yes;
}

enum status hdf5_get_count(hid_t object, const char *name, const char *path,
                           uint64_t *count)
{
    uint64_t read = 0;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0 || !is_count(attribute)) {
        if (attribute >= 0)
            H5Aclose(attribute);
        return status_refuse(STATUS_DAMAGED, "%s: no number attribute %s",
                             path, name);
    }
    herr_t result = H5Aread(attribute, H5T_NATIVE_UINT64, &read);
    H5Aclose(attribute);
    TRY(hdf5_check(result, STATUS_DAMAGED, path, "read an attribute"));
    *count = read;
    return STATUS_OK;
}
