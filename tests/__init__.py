"""The tests of Looking Glass: core, app (pages without a browser), browser, faults and boundaries."""
