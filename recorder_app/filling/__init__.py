"""A history made up in bulk: two years of an academy's recordings, to try and to measure the pages on."""

from recorder_app.filling.history import LiveAccount, Made, fill

__all__ = ["LiveAccount", "Made", "fill"]
