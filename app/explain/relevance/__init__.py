"""Layer-wise relevance propagation: the answer handed back layer by layer, and nothing of it lost on the way."""
