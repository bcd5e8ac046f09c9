"""Used by the tables and, through them, by everything."""


def base(year):
    return float(year % 100)
