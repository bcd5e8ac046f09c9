"""From a resolved spec to the steps that carry it out."""
