def encode_varints(numbers):
    encoded = bytearray()
    for number in numbers:
        zigzag = (number << 1) ^ (number >> 63)
        while zigzag > 0x7F:
            encoded.append(zigzag & 0x7F | 0x80)
            zigzag >>= 7
        encoded.append(zigzag)
    return bytes(encoded)
