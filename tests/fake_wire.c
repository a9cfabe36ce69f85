#include "tests/fake_wire.h"
#include "core/rng.h"

#include <stdlib.h>
#include <string.h>

struct fake_letter {
    struct fake_letter *next;
    double due_s;
    size_t n;
    unsigned char at[];
};

/* chance -------------------------------------------------------------- */

static uint32_t draw(struct chance *chance)
{
    struct rng_stream stream = {chance->seed, RNG_NOISE, 4711};
    return rng_word(stream, chance->n_drawn++);
}

size_t chance_below(struct chance *chance, size_t n)
{
    return (size_t)(((uint64_t)draw(chance) * n) >> 32);
}

double chance_between(struct chance *chance, double least, double most)
{
    return least + (most - least) * 0x1p-32 * (double)draw(chance);
}

bool chance_is(struct chance *chance, double probability)
{
    return chance_between(chance, 0, 1) < probability;
}

/* the wire ------------------------------------------------------------ */

static double draw_delay(struct fake_wire *wire)
{
    bool rare = chance_is(wire->chance, 0.05);
    return chance_between(wire->chance, 0,
                          rare ? wire->delay_rare_s : wire->delay_s);
}

static void put(struct fake_line *line, double due_s, const void *bytes,
                size_t n)
{
    struct fake_letter *letter = malloc(sizeof *letter + n);
    MUST(letter);
    line->due_s = due_s > line->due_s ? due_s : line->due_s;
    *letter = (struct fake_letter){.due_s = line->due_s, .n = n};
    memcpy(letter->at, bytes, n);
    if (line->last)
        line->last->next = letter;
    else
        line->first = letter;
    line->last = letter;
}

static void drop_first(struct fake_line *line)
{
    struct fake_letter *letter = line->first;
    line->first = letter->next;
    if (!line->first)
        line->last = NULL;
    free(letter);
}

static void send_letter(void *self, size_t to, const void *bytes, size_t n)
{
    struct fake_end *end = self;
    struct fake_wire *wire = end->wire;
    MUST(to < wire->size);
    if (wire->spy)
        wire->spy(wire->spy_self, end->rank, to, bytes, n);
    double delay = to == end->rank ? 0 : draw_delay(wire);
    put(&wire->lines[end->rank][to], wire->now_s + delay, bytes, n);
}

static bool receive_letter(void *self, size_t *from, struct bytes *bytes)
{
    struct fake_end *end = self;
    struct fake_wire *wire = end->wire;
    size_t first = chance_below(wire->chance, wire->size);
    for (size_t i = 0; i < wire->size; i++) {
        *from = (first + i) % wire->size;
        struct fake_line *line = &wire->lines[*from][end->rank];
        if (!line->first || line->first->due_s > wire->now_s)
            continue;
        bytes->n = 0;
        bytes_append(bytes, line->first->at, line->first->n);
        drop_first(line);
        return true;
    }
    return false;
}

void fake_wire_open(struct fake_wire *wire, size_t size, struct chance *chance)
{
    MUST(size > 0 && size <= FAKE_RANKS_MAX);
    *wire = (struct fake_wire){
        .chance = chance, .delay_s = 0.2, .delay_rare_s = 5, .size = size};
    for (size_t r = 0; r < size; r++) {
        wire->ends[r] = (struct fake_end){wire, r};
        wire->at[r] = (struct wire){.rank = r,
                                    .size = size,
                                    .self = &wire->ends[r],
                                    .send = send_letter,
                                    .receive = receive_letter};
    }
}

void fake_wire_close(struct fake_wire *wire)
{
    for (size_t from = 0; from < wire->size; from++)
        for (size_t to = 0; to < wire->size; to++)
            while (wire->lines[from][to].first)
                drop_first(&wire->lines[from][to]);
}
