import sys


def merged_annotations(cls, stop=object):
    merged = {}
    for base in reversed(cls.__mro__):
        if base is stop:
            continue
        own = base.__dict__.get("__annotations__", {})
        for name, value in own.items():
            if isinstance(value, str):
                value = eval(value, vars(sys.modules[base.__module__]), dict(vars(base)))
            merged.pop(name, None)
            merged[name] = value
    return merged
