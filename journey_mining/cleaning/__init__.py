"""Names made fit for analysis: fewer, without ids, without repeats; what changed is counted."""
