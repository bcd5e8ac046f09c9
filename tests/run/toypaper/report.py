def text(inputs, files, params):
    total = sum(value["value"] for value in inputs["values"])
    return f"{params['title']}: {total}"


def flags(inputs, files, params):
    return [name for name, value in inputs["flags"].items() if value["even"]]
