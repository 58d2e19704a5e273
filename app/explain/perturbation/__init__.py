"""What becomes of an answer when parts of the picture are hidden, one file for each way to hide them."""
