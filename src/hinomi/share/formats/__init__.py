"""One file per export format; the file's presence registers it."""
