"""Prometheus metrics of all processes together."""
