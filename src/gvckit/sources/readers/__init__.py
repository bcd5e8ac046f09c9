"""Readers of data files: one for each format, chosen by the end of the file's name."""
