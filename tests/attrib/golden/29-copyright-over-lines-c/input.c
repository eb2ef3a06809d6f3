uint32_t adler_combine(uint32_t one, uint32_t other, size_t other_length)
{
    uint32_t rest = (uint32_t)(other_length % 65521u);
    uint32_t low = one & 0xffffu;
    uint32_t high = (rest * low) % 65521u;
    low += (other & 0xffffu) + 65521u - 1u;
    high += (one >> 16) + (other >> 16) + 65521u - rest;
    while (low >= 65521u)
        low -= 65521u;
    while (high >= 65521u)
        high -= 65521u;
    return low | (high << 16);
}
