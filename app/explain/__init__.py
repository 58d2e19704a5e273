"""What can be asked of a network: the science. It knows tensors, and nothing of the web, files or threads."""
