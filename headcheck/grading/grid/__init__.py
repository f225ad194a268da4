"""Grading on several machines: a Dask cluster runs what one machine's threads run otherwise.

The client reads, repairs and records; `worker` is imported on the machines that run submissions. All
of them, and the scheduler, are one zone of trust (docs/security.md).
"""
