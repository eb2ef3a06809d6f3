/* SPDX-SnippetBegin */
/* SPDX-SnippetCopyrightText: 2009 Oli Example */
/* SPDX-License-Identifier: 0BSD */
static void heap_sift_down(struct timer **heap, size_t count, size_t place)
{
    struct timer *moving = heap[place];
    size_t child;
    while ((child = 2 * place + 1) < count) {
        if (child + 1 < count && heap[child + 1]->due < heap[child]->due)
            child++;
        if (moving->due <= heap[child]->due)
            break;
        heap[place] = heap[child];
        heap[place]->slot = place;
        place = child;
    }
    heap[place] = moving;
    moving->slot = place;
}
/* SPDX-SnippetEnd */
