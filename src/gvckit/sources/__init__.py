"""Data sources: the catalogue, readers of each file format, codes and aliases, the sample world."""
