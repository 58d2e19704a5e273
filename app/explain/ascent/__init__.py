"""Gradient ascent to a picture, in four parts that know nothing of each other: what is climbed (objectives), what a
picture is made of (parametrisation), how it is shaken on the way (transforms), and the climb itself."""
