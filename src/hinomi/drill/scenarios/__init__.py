"""One file per scenario; the file's presence registers it."""
