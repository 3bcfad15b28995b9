"""What comes in by itself: imports on a schedule, and files that are dropped into watched folders."""
