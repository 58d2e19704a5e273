"""Why did it say that: methods that share an answer out among the pixels, one file each."""
