"""Fine-tuning for DeltaScope: one run per process, reporting in JSON lines (see PROTOCOL.md)."""

__version__ = "0.1.0"
