from toypaper.numbers import base


def make(inputs, files, params):
    """Return a table of one year."""
    return {"year": params["year"], "value": base(params["year"])}
