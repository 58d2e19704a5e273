"""How one value of each operation is taken apart: the pieces that `arithmetic` is made of."""
