"""The product as it is, with the time it took in a header."""

from dashboard.settings import *  # noqa: F403
from dashboard.settings import MIDDLEWARE

MIDDLEWARE = ["tests.benchmarks.beside.took.Took", *MIDDLEWARE]
