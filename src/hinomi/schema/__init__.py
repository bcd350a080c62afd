"""What is true of the data. Imports nothing of ours but the registry; everything else may import this."""
