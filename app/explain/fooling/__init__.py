"""How easily a network is fooled, one file for each way to do it."""
