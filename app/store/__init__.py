"""What must survive a restart, and where networks and images come from."""
