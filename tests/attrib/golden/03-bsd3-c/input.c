#include <stddef.h>

static size_t squeeze_blanks(char *text, size_t length)
{
    size_t from, to = 0;
    int blank = 0;
    for (from = 0; from < length; from++) {
        if (text[from] == ' ' || text[from] == '\t') {
            blank = 1;
            continue;
        }
        if (blank && to > 0)
            text[to++] = ' ';
        blank = 0;
        text[to++] = text[from];
    }
    text[to] = '\0';
    return to;
}
