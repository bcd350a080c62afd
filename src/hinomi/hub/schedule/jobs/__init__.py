"""One file per kind of work; its presence registers it."""
