"""What the lake can look up: networks, places, allow-lists."""
