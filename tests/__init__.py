"""The tests; a package, so that no installed one of this name can stand before it."""
