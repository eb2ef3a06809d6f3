def luhn_check_digit(digits):
    total = 0
    for place, digit in enumerate(reversed([int(sign) for sign in digits if sign.isdigit()])):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    remainder = total % 10
    return 0 if remainder == 0 else 10 - remainder


def with_check_digit(digits):
    return f"{digits}{luhn_check_digit(digits)}"
