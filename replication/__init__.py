"""The runner over all specs: one graph, one report card, one index page."""
