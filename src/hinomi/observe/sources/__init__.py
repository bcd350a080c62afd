"""One file per format; the file's presence registers it."""
