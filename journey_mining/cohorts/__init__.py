"""When people come back: retention, lifecycle, stickiness."""
