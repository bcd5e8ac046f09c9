class Year:
    pass
