"""Class activation maps: which of a layer's maps speak for a class, one file for each way to weigh them."""
