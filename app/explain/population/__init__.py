"""What a layer makes of a whole data set, and not of one picture."""
