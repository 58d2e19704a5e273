"""Arrays to pictures and to bytes: colour maps, tiles, PNG, binary frames."""
