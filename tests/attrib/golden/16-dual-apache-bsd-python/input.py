def parse_duration(text):
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    seconds, digits = 0, ""
    for sign in text.strip().lower():
        if sign.isdigit() or sign == ".":
            digits += sign
        elif sign in units and digits:
            seconds += float(digits) * units[sign]
            digits = ""
        elif not sign.isspace():
            raise ValueError(f"{sign!r} is no unit of time")
    return seconds + float(digits or 0)
