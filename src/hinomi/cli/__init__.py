"""The command line: `hinomi …`."""
