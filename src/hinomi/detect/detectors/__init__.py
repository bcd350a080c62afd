"""One file per detector; the file's presence registers it."""
