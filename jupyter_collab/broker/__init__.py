"""Hints between hubs (see `base.Broker`)."""
