"""How the property tests of this package run."""

from hypothesis import HealthCheck, settings

# Time says nothing here: the machines that run the suite are shared and sometimes slow.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
