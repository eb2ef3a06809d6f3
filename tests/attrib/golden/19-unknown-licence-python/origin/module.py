# Copyright 2012 Pat Contoh

def tile_bounds(column, row, zoom, size=256):
    resolution = 2 * 20037508.342789244 / size / 2**zoom
    left = column * size * resolution - 20037508.342789244
    top = 20037508.342789244 - row * size * resolution
    right = left + size * resolution
    bottom = top - size * resolution
    centre = ((left + right) / 2, (top + bottom) / 2)
    return {"left": left, "top": top, "right": right, "bottom": bottom, "centre": centre}
