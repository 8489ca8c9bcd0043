"""jobctl: the job runner for a machine you care about."""

__version__ = "0.1.0"
