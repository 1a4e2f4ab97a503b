"""What every test shares: the worked use case, and no clock in property-based tests."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.demo"]

# How long an example takes depends on what else the machine does; promises about time are kept in benchmarks/.
settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")
