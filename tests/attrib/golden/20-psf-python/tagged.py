import sys


# SPDX-SnippetBegin
# SPDX-SnippetCopyrightText: 2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2009, 2010, 2011, 2012, 2013, 2014, 2015, 2016, 2017, 2018, 2019 Python Software Foundation
# SPDX-License-Identifier: PSF-2.0
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
# SPDX-SnippetEnd
