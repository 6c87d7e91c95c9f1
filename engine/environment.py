"""What executed an event: versions that decide how it runs. Recorded in every event; knows nothing else."""

from importlib.metadata import version

FIRST_KIT = "1"  # counted months of timers in UTC
KIT = "3"  # raised when the seams around the library change what a history re-executes to

ENVIRONMENT = {"engine": version("SpiffWorkflow"), "kit": KIT, "zone": "Asia/Shanghai"}
