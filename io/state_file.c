#include "io/state_file.h"
#include "io/durable.h"
#include "io/hdf5_util.h"
#include "io/state_parts.h"
#include "io/tensor_order.h"

#include <string.h>
#include <sys/stat.h>

enum { MAP_MAX = 1024, OWNER_SIZE = 32 };

/* A state on its way into a network. */
struct reading {
    struct state *state;
    size_t n;
    const struct tensor_place *places;
    size_t n_mapped;
    struct pair {
        const char *ours, *theirs;
    } map[MAP_MAX];
};

/* names --------------------------------------------------------------- */

static void split(const char *name, char owner[OWNER_SIZE], const char **what)
{
    const char *dot = strrchr(name, '.');
    MUST(dot && dot - name < OWNER_SIZE);
    memcpy(owner, name, (size_t)(dot - name));
    owner[dot - name] = '\0';
    *what = dot + 1;
}

static bool has_tensor(const struct reading *reading, const char *owner,
                       const char *what)
{
    const char *name = arena_print(reading->state->arena, "%s.%s", owner, what);
    for (size_t i = 0; i < reading->n; i++)
        if (strcmp(reading->places[i].name, name) == 0)
            return true;
    return false;
}

/* How many of our owners before this one have such a tensor; all of them, of
 * NULL. */
static size_t count_before(const struct reading *reading, const char *owner,
                           const char *what)
{
    size_t n = 0;
    char own[OWNER_SIZE];
    const char *leaf;
    for (size_t i = 0; i < reading->n; i++) {
        split(reading->places[i].name, own, &leaf);
        if (strcmp(leaf, what) != 0)
            continue;
        if (owner && strcmp(own, owner) == 0)
            break;
        n++;
    }
    return n;
}

static const char *find_mapped(const struct reading *reading, const char *name)
{
    for (size_t i = 0; i < reading->n_mapped; i++)
        if (strcmp(reading->map[i].ours, name) == 0)
            return reading->map[i].theirs;
    return NULL;
}

/* Where the tensor `what` of a module of PyTorch's is that is our owner's, or
 * its normalization. NULL: nowhere. */
static struct state_entry *find_in_order(const struct reading *reading,
                                         const char *owner, bool of_norm,
                                         const char *what)
{
    const char *marks[] = {"weight", "running_mean"};
    const char *mark = marks[of_norm];
    const char *module =
        state_module(reading->state, mark, of_norm ? 1 : 2,
                     count_before(reading, owner, mark));
    return module ? state_find(reading->state,
                               arena_print(reading->state->arena, "%s%s%s",
                                           module, *module ? "." : "", what))
                  : NULL;
}

/* Our name of a tensor, PyTorch's in its module, and whose module. */
static struct state_entry *find_source(const struct reading *reading,
                                       const char *owner, const char *ours,
                                       bool of_norm, const char *theirs)
{
    const char *name =
        arena_print(reading->state->arena, "%s.%s", owner, ours);
    const char *mapped = find_mapped(reading, name);
    struct state_entry *entry =
        state_find(reading->state, mapped ? mapped : name);
    bool by_name = state_find(reading->state, "readout.weight") != NULL;
    if (entry || mapped || by_name || !theirs)
        return entry;
    return find_in_order(reading, owner, of_norm, theirs);
}

/* the map ------------------------------------------------------------- */

static enum status add_mapped(struct reading *reading, const char *path,
                              char *line)
{
    char *equals = strstr(line, " = ");
    if (!*line || *line == '#')
        return STATUS_OK;
    if (!equals || reading->n_mapped == MAP_MAX)
        return status_refuse(STATUS_INVALID,
                             "%s: \"%s\": allowed are lines OURS = THEIRS, as "
                             "block0.weight = conv1.weight",
                             path, line);
    *equals = '\0';
    const char *theirs = equals + 3;
    if (!state_find(reading->state, theirs))
        return status_refuse(STATUS_INVALID,
                             "%s: %s has no tensor %s", path,
                             reading->state->source.path, theirs);
    reading->map[reading->n_mapped++] = (struct pair){line, theirs};
    return STATUS_OK;
}

static enum status read_map(struct reading *reading, const char *path)
{
    struct bytes bytes = {NULL, 0, 0};
    if (!path)
        return STATUS_OK;
    TRY(durable_read(path, &bytes));
    bytes_append(&bytes, "", 1);
    char *rest = arena_copy_text(reading->state->arena, (char *)bytes.at);
    bytes_free(&bytes);
    for (char *line; (line = strsep(&rest, "\n"));)
        TRY(add_mapped(reading, path, line));
    return STATUS_OK;
}

/* tensors ------------------------------------------------------------- */

static size_t count_values(const struct tensor_place *place)
{
    size_t n = 1;
    for (size_t i = 0; i < place->rank; i++)
        n *= place->extent[i];
    return n;
}

static bool is_weight(const struct tensor_place *place)
{
    const char *dot = strrchr(place->name, '.');
    return dot && strcmp(dot, ".weight") == 0;
}

/* Its extents in PyTorch's order. */
static size_t order_extents(const struct tensor_place *place, size_t to[4])
{
    const size_t *extent = place->extent;
    memcpy(to, extent, sizeof place->extent);
    if (is_weight(place) && place->rank == 4) {
        const size_t ordered[4] = {extent[3], extent[2], extent[0], extent[1]};
        memcpy(to, ordered, sizeof ordered);
    } else if (is_weight(place)) {
        to[0] = extent[1];
        to[1] = extent[0];
    }
    return place->rank;
}

static const char *print_extents(size_t rank, const size_t *extent,
                                 struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < rank; i++)
        text = arena_print(arena, "%s%s%zu", text, i ? " x " : "", extent[i]);
    return rank ? text : "a single number";
}

static enum status check_shape(const struct reading *reading,
                               const struct tensor_place *place,
                               const struct state_entry *entry,
                               const struct hdf5_numbers *found)
{
    struct arena *arena = reading->state->arena;
    size_t wanted[4], rank = order_extents(place, wanted);
    bool same = found->rank == rank;
    for (size_t i = 0; same && i < rank; i++)
        same = found->extent[i] == wanted[i];
    return same ? STATUS_OK
                : status_refuse(
                      STATUS_INVALID,
                      "%s: tensor %s is %s, allowed is %s, which is %s of "
                      "this network on such data",
                      reading->state->source.path, entry->name,
                      print_extents(found->rank, found->extent, arena),
                      print_extents(rank, wanted, arena), place->name);
}

static enum status take(const struct reading *reading,
                        const struct tensor_place *place,
                        struct state_entry *entry, float *to)
{
    struct hdf5_numbers numbers;
    struct state *state = reading->state;
    size_t n = count_values(place);
    TRY(hdf5_take_numbers(&state->source, entry->path, state->arena,
                          &numbers));
    TRY(check_shape(reading, place, entry, &numbers));
    float *theirs = ARENA_ARRAY(state->arena, float, n);
    for (size_t i = 0; i < n; i++)
        theirs[i] = (float)numbers.at[i];
    entry->used = true;
    if (is_weight(place) && place->rank == 4)
        tensor_reorder_kernel(place->extent[0], place->extent[2],
                              place->extent[3], theirs, to);
    else if (is_weight(place))
        tensor_reorder_linear(place->of, place->extent[1], theirs, to);
    else
        memcpy(to, theirs, n * sizeof *to);
    return STATUS_OK;
}

static enum status fill(float value, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = value;
    return STATUS_OK;
}

/* A bias before a normalization moves its mean. */
static enum status take_mean(const struct reading *reading,
                             const struct tensor_place *place,
                             const char *owner, struct state_entry *entry,
                             float *to)
{
    TRY(take(reading, place, entry, to));
    struct state_entry *bias =
        find_source(reading, owner, "bias", false, "bias");
    if (!bias)
        return STATUS_OK;
    float *moved =
        ARENA_ARRAY(reading->state->arena, float, place->extent[0]);
    TRY(take(reading, place, bias, moved));
    for (size_t c = 0; c < place->extent[0]; c++)
        to[c] -= moved[c];
    return STATUS_OK;
}

static enum status take_place(const struct reading *reading,
                              const struct tensor_place *place, float *to)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = {{"weight", "weight"},
                 {"bias", "bias"},
                 {"shift", "bias"},
                 {"scale", "weight"},
                 {"running_mean", "running_mean"},
                 {"running_variance", "running_var"}};
    char owner[OWNER_SIZE];
    const char *what, *theirs = NULL;
    split(place->name, owner, &what);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].ours, what) == 0)
            theirs = names[i].theirs;
    bool of_norm = strcmp(what, "weight") != 0 &&
                   has_tensor(reading, owner, "running_mean");
    struct state_entry *entry =
        find_source(reading, owner, what, of_norm, theirs);
    if (entry)
        return strcmp(what, "running_mean") == 0
                   ? take_mean(reading, place, owner, entry, to)
                   : take(reading, place, entry, to);
    if (strcmp(what, "scale") == 0)
        return fill(1.0f, count_values(place), to);
    if (strcmp(what, "shift") == 0 || strcmp(what, "bias") == 0)
        return fill(0.0f, count_values(place), to);
    return status_refuse(STATUS_INVALID,
                         "%s: has no tensor for %s of this network; a map "
                         "(--map) can name it",
                         reading->state->source.path, place->name);
}

/* all of them --------------------------------------------------------- */

/* Where names do not tell, numbers must. */
static enum status check_counts(const struct reading *reading)
{
    static const struct {
        const char *what, *called;
        size_t rank;
    } kinds[] = {{"weight", "weights of two or four dimensions", 2},
                 {"running_mean", "running means", 1}};
    const struct state *state = reading->state;
    if (state_find(state, "readout.weight") || reading->n_mapped > 0)
        return STATUS_OK;
    for (size_t i = 0; i < 2; i++) {
        size_t n = 0, wanted = count_before(reading, NULL, kinds[i].what);
        while (state_module(state, kinds[i].what, kinds[i].rank, n))
            n++;
        if (n != wanted)
            return status_refuse(STATUS_INVALID,
                                 "%s: has %zu %s, allowed are %zu, as this "
                                 "network has; a map (--map) can name them",
                                 state->source.path, n, kinds[i].called,
                                 wanted);
    }
    return STATUS_OK;
}

static enum status take_all(const struct reading *reading, struct arena *arena,
                            struct weights *weights, const char **unused)
{
    const struct state *state = reading->state;
    size_t n_values = 0;
    for (size_t i = 0; i < reading->n; i++) {
        const struct tensor_place *place = &reading->places[i];
        size_t end = place->offset + count_values(place);
        n_values = end > n_values ? end : n_values;
    }
    float *values = ARENA_ARRAY(arena, float, n_values);
    for (size_t i = 0; i < reading->n; i++)
        TRY(take_place(reading, &reading->places[i],
                       values + reading->places[i].offset));
    const char *names = "";
    for (size_t i = 0; i < state->n; i++)
        if (!state->entries[i].used)
            names = arena_print(arena, "%s%s%s", names, *names ? ", " : "",
                                state->entries[i].name);
    *weights = (struct weights){n_values, values};
    *unused = names;
    return STATUS_OK;
}

enum status state_file_read(const char *path, const char *map_path,
                            const struct spec *spec,
                            const struct data_set *data, struct arena *arena,
                            struct weights *weights, const char **unused)
{
    struct stat about;
    struct arena own = arena_open();
    struct state state = {.source = {path, 0, -1}, .arena = &own};
    struct reading *reading = ARENA_ARRAY(&own, struct reading, 1);
    struct tensor_place *places =
        ARENA_ARRAY(&own, struct tensor_place, TRIAL_TENSORS_MAX);
    state.entries = ARENA_ARRAY(&own, struct state_entry, STATE_ENTRIES_MAX);
    reading->state = &state;
    reading->places = places;
    reading->n = trial_places(spec, data, places);
    enum status status = stat(path, &about) != 0
                             ? status_refuse_errno("%s", path)
                             : hdf5_open(path, &state.source.file);
    if (status == STATUS_OK) {
        state.source.size = (size_t)about.st_size;
        status = state_list(&state);
        if (status == STATUS_OK)
            status = read_map(reading, map_path);
        if (status == STATUS_OK)
            status = check_counts(reading);
        if (status == STATUS_OK)
            status = take_all(reading, arena, weights, unused);
        H5Fclose(state.source.file);
    }
    arena_close(&own);
    return status;
}
