/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2003 Jo Naidis */
#include "ring.h"

int ring_put(struct ring *ring, const unsigned char *bytes, unsigned count)
{
    unsigned room = ring->size - (ring->head - ring->tail);
    unsigned until_end = ring->size - (ring->head & (ring->size - 1));
    if (count > room)
        return -1;
    if (count <= until_end) {
        memcpy(ring->data + (ring->head & (ring->size - 1)), bytes, count);
    } else {
        memcpy(ring->data + (ring->head & (ring->size - 1)), bytes, until_end);
        memcpy(ring->data, bytes + until_end, count - until_end);
    }
    ring->head += count;
    return 0;
}
